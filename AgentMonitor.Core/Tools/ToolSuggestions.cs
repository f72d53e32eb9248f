using System.Collections.Immutable;

namespace AgentMonitor.Core.Tools;

/// <summary>A tag that a tool seems to deserve.</summary>
/// <param name="Name">The tag.</param>
/// <param name="WhenArgument">The argument with which alone it seems to hold; null: in every call.</param>
/// <param name="Reason">Why, in words; it quotes untrusted names.</param>
public sealed record SuggestedTag(string Name, string? WhenArgument, string Reason);

/// <summary>A role that an argument or a field of the result seems to have.</summary>
/// <param name="Name">The argument or field, or <see cref="ToolDefinition.All"/>.</param>
/// <param name="Reason">Why, in words; it quotes untrusted names.</param>
public sealed record SuggestedName(string Name, string Reason);

/// <summary>
/// What a tool seems to do, from its name, its description, its schema and what was seen of it. It is a help for the person who
/// classifies the tool: nothing of it takes effect by itself, since all it rests on was written by the agent, who may be wrong or lie.
/// The same knowledge always gives the same suggestions.
/// </summary>
public sealed record ToolSuggestions
{
    /// <summary>Tags.</summary>
    public ImmutableArray<SuggestedTag> Tags { get; private init; } = [];
    /// <summary>Arguments that say who or where.</summary>
    public ImmutableArray<SuggestedName> Destinations { get; private init; } = [];
    /// <summary>Arguments that hold prose.</summary>
    public ImmutableArray<SuggestedName> FreeText { get; private init; } = [];
    /// <summary>Fields of the result that the system wrote.</summary>
    public ImmutableArray<SuggestedName> ResultMetadata { get; private init; } = [];

    /// <summary>Works out what to suggest. Roles and tags that the tool has already are suggested too.</summary>
    public static ToolSuggestions For(ToolDefinition tool) => new Reading(tool).Suggest();

    private sealed record Argument(string Name, List<string> Words, SchemaArgument? Schema, ObservedField? Seen)
    {
        // Reasons quote names between backticks.
        public string Quoted => (Name.Length <= 40 ? Name : $"{Name.AsSpan(0, char.IsHighSurrogate(Name[38]) ? 38 : 39)}…").Replace('`', '\'');
        public string Head => Words.Count == 0 ? "" : Words[^1];
        // Where nothing is known of the type it may be a text.
        public bool IsText => Schema?.Type is { } type ? type.Contains("string", StringComparison.Ordinal) || type is "array" : Seen?.Kind is not (FieldKind.Number or FieldKind.Boolean or FieldKind.Record);
        public bool IsId => Words.Count > 0 && Head is "id" or "uuid" or "guid" && Schema?.Type is not "boolean";
        public bool IsChoice => Schema is { IsChoice: true };
    }

    private sealed class Reading
    {
        private readonly ToolDefinition _tool;
        private readonly ToolSchema _schema;
        private readonly List<string> _name, _sentence;
        private readonly ImmutableArray<Argument> _arguments;
        private readonly VerbKind _verb;
        private readonly string _verbReason;
        private readonly List<SuggestedTag> _tags = [];

        public Reading(ToolDefinition tool)
        {
            _tool = tool;
            _schema = ToolSchema.Read(tool.Knowledge.Schema);
            _name = ToolVocabulary.Words(tool.Name);
            var stop = tool.Description.IndexOfAny(['.', '\n']);
            _sentence = ToolVocabulary.Words(stop < 0 ? tool.Description : tool.Description[..stop]);
            var seen = tool.Knowledge.Arguments;
            _arguments = [
                .. _schema.Arguments.Select(a => new Argument(a.Name, ToolVocabulary.Words(a.Name), a, seen.FirstOrDefault(s => s.Name == a.Name))),
                .. seen.Where(s => _schema.Arguments.All(a => a.Name != s.Name)).Select(s => new Argument(s.Name, ToolVocabulary.Words(s.Name), null, s))];
            _verb = ToolVocabulary.Verb(_name, out var word);
            _verbReason = word == _name.FirstOrDefault() ? $"the name begins with `{word}`" : $"the name says `{word}`";
            // Only how a description begins says what the tool does; further on it speaks of anything.
            if (_verb == VerbKind.None && (_verb = ToolVocabulary.Verb([.. _sentence.Take(3)], out word)) != VerbKind.None) _verbReason = $"its description begins with `{word}`";
        }

        private bool Reads => _verb is VerbKind.Read or VerbKind.None;

        private bool Changes => _verb is VerbKind.Write or VerbKind.Destroy or VerbKind.Send or VerbKind.Pay or VerbKind.Book or VerbKind.Run;

        public ToolSuggestions Suggest()
        {
            SuggestReading();
            SuggestSending();
            SuggestChanging();
            var acts = _tags.Any(t => t.Name is Tag.ExternalCommunication or Tag.StateChange or Tag.Destructive or Tag.Financial);
            ImmutableArray<SuggestedName> prose = acts ? [.. _arguments.Select(a => Named(a, Prose(a))).OfType<SuggestedName>()] : [];
            ImmutableArray<SuggestedName> places = acts ? [.. _arguments.Where(a => prose.All(p => p.Name != a.Name)).Select(a => Named(a, Place(a))).OfType<SuggestedName>()] : [];
            if (acts && places.IsEmpty && _arguments.Any(a => a.IsText && !a.IsChoice && prose.All(p => p.Name != a.Name)) && _tags.Any(t => t.Name != Tag.StateChange))
                places = [new(ToolDefinition.All, "no argument says by its name who or where, so each one that is not free text is looked at")];
            return new()
            {
                Tags = [.. Tag.Standard.SelectMany(name => _tags.Where(t => t.Name == name).Take(1))],
                Destinations = places,
                FreeText = prose,
                ResultMetadata = Metadata(),
            };
        }

        private void SuggestReading()
        {
            if (_schema.OpenWorld == true) Add(Tag.UntrustedContent, "its annotations say that it deals with an open world");
            if (!Reads) return;
            var from = "the name";
            var nouns = Nouns(_name);
            if (!Knows(nouns) && _name.Exists(ToolVocabulary.ReadsFile.Contains) && _arguments.FirstOrDefault(a => a.Words.Exists(w => w is "file" or "filename" or "path" or "document")) is { } file)
                (from, nouns) = ($"`{file.Quoted}`", ["file"]);
            if (!Knows(nouns)) (from, nouns) = ("its description", _verb == VerbKind.Read || _sentence.Contains("content") ? Nouns(_sentence) : []);
            if (nouns.FirstOrDefault(ToolVocabulary.Written.Contains) is { } written) Add(Tag.UntrustedContent, $"it reads, and {from} says `{written}`: text that other people may have written");
            if (nouns.FirstOrDefault(ToolVocabulary.Private.Contains) is { } secret && !_name.Any(ToolVocabulary.Public.Contains)) Add(Tag.SensitiveData, $"it reads, and {from} says `{secret}`: usually private");
            if (_arguments.FirstOrDefault(IsUrl) is { } url)
            {
                Add(Tag.UntrustedContent, $"it fetches what lies at `{url.Quoted}`");
                Add(Tag.ExternalCommunication, $"`{url.Quoted}` is a URL that it goes to, and a URL can carry data out");
            }
        }

        private void SuggestSending()
        {
            if (_verb == VerbKind.Send) Add(Tag.ExternalCommunication, $"{_verbReason}: it sends to somebody");
            else if (Changes && _arguments.FirstOrDefault(a => a.Words.Exists(ToolVocabulary.Somebody.Contains) && a.IsText) is { } somebody)
                Add(Tag.ExternalCommunication, $"`{somebody.Quoted}` names people who will get something", somebody.Schema is { IsRequired: true } ? null : somebody.Name);
            else if (Changes && _verb != VerbKind.Destroy && _arguments.FirstOrDefault(a => a.Schema?.Format is "uri" or "email" or "idn-email") is { } address)
                Add(Tag.ExternalCommunication, $"`{address.Quoted}` is {FormatWords(address.Schema!.Format!)} by its schema");
        }

        private void SuggestChanging()
        {
            if (Changes && (_schema.ReadOnly != true || !_verbReason.StartsWith("its description", StringComparison.Ordinal))) Add(Tag.StateChange, _verbReason);
            else if (_schema.ReadOnly == false) Add(Tag.StateChange, "its annotations say that it does not only read");
            if (_verb == VerbKind.Destroy) Add(Tag.Destructive, _verbReason);
            else if (_schema.Destructive == true && _schema.ReadOnly != true) Add(Tag.Destructive, "its annotations say that it may destroy");
            else if (_arguments.FirstOrDefault(a => a.Head is "overwrite") is { } overwrite) Add(Tag.Destructive, $"`{overwrite.Quoted}` overwrites what is there", overwrite.Schema is { IsRequired: true } ? null : overwrite.Name);

            if (_verb is VerbKind.Pay or VerbKind.Book) Add(Tag.Financial, _verb == VerbKind.Pay ? $"{_verbReason}: it moves money" : $"{_verbReason}: that usually costs money");
            else if (Changes && _name.Find(ToolVocabulary.Funds.Contains) is { } funds) Add(Tag.Financial, $"it changes something, and the name says `{funds}`");
            else if (Changes && _arguments.FirstOrDefault(a => a.Words.Exists(ToolVocabulary.Money.Contains)) is { } money) Add(Tag.Financial, $"it changes something, and `{money.Quoted}` is about money");

            if (_verb == VerbKind.Run && (_name.Find(ToolVocabulary.Code.Contains) ?? _arguments.FirstOrDefault(a => ToolVocabulary.Code.Contains(a.Head))?.Quoted ?? _sentence.Find(ToolVocabulary.Code.Contains)) is { } code)
            {
                Add(Tag.CodeExecution, $"{_verbReason}, and `{code}` is code");
                if (_name.Concat(_sentence).Any(w => w is "sql" or "database" or "query")) Add(Tag.SensitiveData, "it reads a database");
            }
        }

        private string? Prose(Argument a)
        {
            if (!a.IsText || a.IsChoice || a.IsId || a.Schema?.Format is not null) return null;
            if (ToolVocabulary.Prose.Contains(a.Head)) return $"`{a.Head}` is a word for prose";
            return a.Seen is { IsLong: true, Kind: FieldKind.Text } seen ? $"it held long text in {Times(seen.LongTexts)}" : null;
        }

        private string? Place(Argument a)
        {
            if (a.IsChoice) return null;
            if (a.Schema?.Format is { } format && FormatWords(format) is { } what) return $"`{a.Quoted}` is {what} by its schema";
            if (a.IsId) return a.Words.Count > 1 ? $"`{a.Quoted}` says which {string.Join(' ', a.Words.SkipLast(1).Take(3))} is meant" : $"`{a.Quoted}` says which one is meant";
            if (!a.IsText) return null;
            if (ToolVocabulary.Place.Contains(a.Head)) return $"`{a.Head}` is a word for who or where";
            // "user_name", "file_path_name": the word before it says whose name it is.
            if (a.Head is "name" or "number" or "username" or "key" && a.Words.Count > 1 && ToolVocabulary.Place.Contains(a.Words[^2])) return $"`{a.Quoted}` names a {a.Words[^2]}";
            if (a.Schema is { Description: { Length: > 0 } text } && Mentions(text) is { } mentioned) return $"its description speaks of {mentioned}";
            // What a tool deletes or pays for is named by an argument of the same name as what stands in the tool's name.
            return _verb is VerbKind.Destroy or VerbKind.Pay or VerbKind.Book or VerbKind.Write && _name.Count > 1 && a.Words.Count == 1 && _name[^1] == a.Head ? $"`{a.Quoted}` says which {a.Head} is meant" : null;
        }

        private ImmutableArray<SuggestedName> Metadata()
        {
            var untrusted = !_tool.IsClassified || _tool.Tags.Concat(_tags.Select(t => new ToolTag(t.Name))).Any(t => t.Name == Tag.UntrustedContent);
            return untrusted ? [.. _tool.Knowledge.ResultFields.Select(f => (f, Why: SystemWrote(f))).Where(p => p.Why is not null).Select(p => new SuggestedName(p.f.Name, p.Why!))] : [];
        }

        private static string? SystemWrote(ObservedField field)
        {
            if (field.LongTexts > 0) return null;
            var words = ToolVocabulary.Words(field.Name);
            if (words.Count == 0 || ToolVocabulary.Prose.Contains(words[^1])) return null;
            if (field.Kind is FieldKind.Number or FieldKind.Boolean) return field.Kind == FieldKind.Number ? "it holds numbers" : "it holds true or false";
            return words.Find(ToolVocabulary.WrittenBySystem.Contains) is { } word ? $"`{word}` is a word for what a system writes, and it never held long text" : null;
        }

        private bool IsUrl(Argument a) => a.IsText && (a.Schema?.Format is "uri" or "uri-reference" or "iri" || a.Words.Exists(w => w is "url" or "uri" or "href"));

        private static List<string> Nouns(List<string> words)
        {
            var joint = words.FindIndex(1 <= words.Count ? 1 : 0, ToolVocabulary.Joints.Contains);
            var nouns = joint < 0 ? words : words[..joint];
            // "the content of a file" returns what the file says.
            return joint >= 0 && words[joint] == "of" && nouns.Contains("content") ? words : nouns;
        }

        private static bool Knows(List<string> words) => words.Exists(w => ToolVocabulary.Private.Contains(w) || ToolVocabulary.Written.Contains(w) || ToolVocabulary.Public.Contains(w));

        private static string? Mentions(string description)
        {
            var words = ToolVocabulary.Words(description);
            if (words.Contains("recipient") || words.Contains("receiver")) return "a recipient";
            if (words.Contains("url") || words.Contains("link")) return "a URL";
            if (words.Contains("iban")) return "an IBAN";
            for (var i = 0; i + 1 < words.Count; i++)
                switch ((words[i], words[i + 1]))
                {
                    case ("email" or "mail", "address"): return "an e-mail address";
                    case ("phone", "number"): return "a phone number";
                    case ("file" or "directory" or "folder", "path" or "name"): return "a file's path";
                    case ("account", "number"): return "an account number";
                    default: break;
                }
            return null;
        }

        private static string? FormatWords(string format) => format switch
        {
            "email" or "idn-email" => "an e-mail address",
            "uri" or "iri" or "uri-reference" or "iri-reference" or "uri-template" => "a URL",
            "hostname" or "idn-hostname" => "a host's name",
            "ipv4" or "ipv6" => "a network address",
            "uuid" => "an id",
            "phone" or "tel" => "a phone number",
            _ => null,
        };

        private static SuggestedName? Named(Argument argument, string? reason) => reason is null ? null : new(argument.Name, reason);

        private void Add(string tag, string reason, string? whenArgument = null)
        {
            if (_tags.All(t => t.Name != tag)) _tags.Add(new(tag, whenArgument, reason));
        }

        private static string Times(long count) => count == 1 ? "a call" : $"{count} calls";
    }
}
