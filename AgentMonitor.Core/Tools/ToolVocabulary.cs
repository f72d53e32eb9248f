using System.Collections.Frozen;
using System.Text;

namespace AgentMonitor.Core.Tools;

/// <summary>What a tool's verb does.</summary>
internal enum VerbKind
{
    /// <summary>No verb that is known.</summary>
    None,
    /// <summary>Works something out from its arguments, or signs in: neither reads nor changes what counts.</summary>
    Compute,
    /// <summary>Returns something.</summary>
    Read,
    /// <summary>Changes something.</summary>
    Write,
    /// <summary>Deletes or overwrites.</summary>
    Destroy,
    /// <summary>Sends something to somebody.</summary>
    Send,
    /// <summary>Moves money.</summary>
    Pay,
    /// <summary>Enters into something that costs money.</summary>
    Book,
    /// <summary>Runs something.</summary>
    Run,
}

/// <summary>The everyday words that names of tools and arguments are made of. General English and computing, no product's names.</summary>
internal static class ToolVocabulary
{
    private static readonly (VerbKind Kind, FrozenSet<string> Words)[] Verbs =
    [
        (VerbKind.Destroy, Set("delete remove drop destroy erase purge wipe clear truncate overwrite uninstall kill terminate rm rmdir unlink discard shred reset cancel evict ban kick deprovision revoke detach")),
        (VerbKind.Pay, Set("pay purchase buy sell refund withdraw deposit donate remit reimburse wire trade invest redeem")),
        (VerbKind.Book, Set("book reserve rent subscribe checkout")),
        (VerbKind.Send, Set("send publish reply respond tweet retweet forward notify invite share broadcast announce dispatch dial fax push")),
        (VerbKind.Run, Set("execute exec eval evaluate run invoke spawn")),
        (VerbKind.Write, Set("create add insert update set edit modify change write save upload put patch append rename move copy mkdir touch assign enable disable activate deactivate start stop pause resume lock unlock close open resolve archive register unsubscribe grant approve reject merge commit deploy transfer store import sync configure adjust fill press turn toggle switch engage release install upgrade downgrade attach connect disconnect join leave follow unfollow block unblock make generate upsert replace reschedule schedule manage control draw record mark submit accept decline confirm exchange return restore rotate increase decrease raise lower mv cp echo apply pin unpin star like unlike bookmark tag untag complete finish train")),
        (VerbKind.Read, Set("get list read search find fetch query lookup look show view describe display check count browse retrieve load grep cat ls head tail diff preview inspect monitor navigate crawl scrape visit download export access scan locate discover explore print")),
        (VerbKind.Compute, Set("calculate compute convert estimate compare validate verify translate summarize summarise analyze analyse detect classify parse extract format encode decode predict mean sum average login logout authenticate authorize sign ping pwd cd wc sort think plan round absolute logarithm divide multiply subtract")),
    ];

    // Nouns that are verbs where a name has no other.
    private static readonly (VerbKind Kind, FrozenSet<string> Words)[] NounVerbs =
    [
        (VerbKind.Send, Set("post email mail message comment mention sms text dm call contact")),
        (VerbKind.Pay, Set("fund charge payment tip bid withdrawal")),
        (VerbKind.Book, Set("booking reservation order")),
        (VerbKind.Run, Set("shell bash terminal python interpreter command script repl")),
        (VerbKind.Write, Set("place report review request label issue file ship note")),
    ];

    /// <summary>Nouns of private things.</summary>
    public static readonly FrozenSet<string> Private = Set("email mail inbox mailbox message sms dm chat conversation contact calendar event appointment meeting note task todo reminder file document folder drive attachment account profile user customer client patient employee colleague member person people passenger guest order reservation booking invoice payment transaction balance statement portfolio holding salary payroll credit card password passcode credential secret token medical health record prescription diagnosis history passport identity ssn phone personal private device camera photo wishlist watchlist cart insurance claim database table sql row log transcript diary bill subscription location clipboard genetic fitness");

    /// <summary>Nouns of things that anybody may know; beside one of them a private noun is about the public thing.</summary>
    public static readonly FrozenSet<string> Public = Set("product flight airport city country weather stock company hotel restaurant cuisine museum webpage website wikipedia web news currency exchange repository package movie song recipe rental car zipcode forecast symbol");

    /// <summary>Nouns of texts that other people wrote.</summary>
    public static readonly FrozenSet<string> Written = Set("email mail inbox mailbox message sms dm chat conversation comment review tweet post issue webpage page website web rss feed news article blog forum thread discussion feedback event appointment invitation file document attachment note task repository readme wiki internet url transcript testimonial channel newsletter subtitle letter ticket request question answer listing complaint survey");

    /// <summary>Verbs that return what a file says, where an argument names the file.</summary>
    public static readonly FrozenSet<string> ReadsFile = Set("cat grep head tail diff read view show load open preview print");

    /// <summary>Nouns of things that are addressed by who or where.</summary>
    public static readonly FrozenSet<string> Place = Set("to cc bcc recipient receiver addressee beneficiary payee destination dest target url uri link href host hostname domain endpoint webhook email mail iban bic account phone mobile channel room chat group conversation server path file filename folder directory dir bucket repo repository participant attendee invitee guest member user username handle mention address workspace queue topic mailbox merchant vendor");

    /// <summary>Among them those that are somebody else, whom data goes to when they are named.</summary>
    public static readonly FrozenSet<string> Somebody = Set("participant attendee invitee guest cc bcc recipient");

    /// <summary>Nouns of prose.</summary>
    public static readonly FrozenSet<string> Prose = Set("body content message text description comment note summary subject title caption html markdown prompt instruction feedback bio memo remark resolution reply paragraph statement");

    /// <summary>Nouns of money in arguments.</summary>
    public static readonly FrozenSet<string> Money = Set("amount payment iban price");

    /// <summary>Nouns of money in names of tools.</summary>
    public static readonly FrozenSet<string> Funds = Set("money fund payment bank transaction crypto currency wallet ether bitcoin loan refund invoice bill dollar stock share");

    /// <summary>Nouns of code.</summary>
    public static readonly FrozenSet<string> Code = Set("code script command cmd shell bash python javascript sql statement expression program");

    /// <summary>Fields of a result that a system writes.</summary>
    public static readonly FrozenSet<string> WrittenBySystem = Set("id uuid guid key hash etag cursor created updated modified deleted timestamp time date day start end at on status state type kind sender from to cc bcc author owner recipient participant attendee email iban account size count total amount price currency version revision number index page language locale width height read unread enabled active verified latitude longitude score recurring duration expires");

    /// <summary>Words after which a name speaks of something else than what the tool returns.</summary>
    public static readonly FrozenSet<string> Joints = Set("by for from in to with based near via using on at of");

    /// <summary>What a word means as a verb, and whether a noun had to stand in for one.</summary>
    public static VerbKind Verb(IReadOnlyList<string> words, out string verb)
    {
        foreach (var table in (ReadOnlySpan<(VerbKind Kind, FrozenSet<string> Words)[]>)[Verbs, NounVerbs])
            foreach (var word in words)
                foreach (var (kind, known) in table)
                    if (known.Contains(word))
                    {
                        verb = word;
                        return kind;
                    }
        verb = "";
        return VerbKind.None;
    }

    /// <summary>The words of a name or a sentence: lower case, in the singular, apart at blanks, punctuation, capitals and digits.</summary>
    public static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!char.IsLetter(c))
            {
                Flush();
                continue;
            }
            // A capital begins a word, unless it goes on with capitals: fetchURL, HTTPRequest.
            if (char.IsUpper(c) && i > 0 && (char.IsLower(text[i - 1]) || i + 1 < text.Length && char.IsUpper(text[i - 1]) && char.IsLower(text[i + 1]))) Flush();
            word.Append(char.ToLowerInvariant(c));
        }
        Flush();
        return words;

        void Flush()
        {
            if (word.Length > 0) words.Add(Singular(word.ToString()));
            word.Clear();
        }
    }

    // A verb in the third person becomes its stem by the same rule.
    private static string Singular(string word) => word.Length switch
    {
        > 4 when word.EndsWith("ies", StringComparison.Ordinal) => $"{word.AsSpan(0, word.Length - 3)}y",
        > 4 when word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("ches", StringComparison.Ordinal) || word.EndsWith("xes", StringComparison.Ordinal) || word.EndsWith("shes", StringComparison.Ordinal) => word[..^2],
        > 3 when word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') => word[..^1],
        _ => word,
    };

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
