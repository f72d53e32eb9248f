using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AgentMonitor.Core.Ledger;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace AgentMonitor.Tests.Core;

/// <summary>The canonical form is a promise to whoever verifies an export in another language in ten years: pinned here.</summary>
public sealed class LedgerChainTests
{
    private static readonly LedgerEntry Full = new()
    {
        At = new DateTimeOffset(2026, 11, 22, 12, 0, 0, 123, TimeSpan.Zero).AddTicks(4560),
        Kind = LedgerKind.ToolCall,
        Agent = "pm-portal",
        Session = "chat 42 \"quoted\" \\ /",
        Users = ["alice@example.com", "bøb\n"],
        Tool = "post_comment",
        CallId = "call_1",
        DecisionId = "0193",
        ArgumentsDigest = LedgerChain.Digest("{}"),
        Decision = "deny",
        Reason = "policy",
        Rules = ["no-exfiltration"],
        PolicyRevision = 12,
        Actor = "\u0001\u001f\u007f\u2028🙂",
        Data = """{"message":"ü"}""",
    };

    [Fact]
    public void Canonical_OfAFullEntry_IsThisText() => Assert.Equal(
        """["agentmonitor-ledger-1",7,1795348800123456,"tool-call","pm-portal","chat 42 \"quoted\" \\ /",["alice@example.com","bøb\n"],"post_comment","call_1","0193","44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","deny","policy",["no-exfiltration"],12,"\u0001\u001f""" + "\u007f\u2028🙂" + $"\",\"{LedgerChain.Digest(Full.Data)}\",\"{LedgerChain.Genesis}\"]",
        LedgerChain.Canonical(LedgerChain.Append(Full, 7, LedgerChain.Genesis)));

    [Fact]
    public void Canonical_OfAnEmptyEntry_IsThisText() => Assert.Equal(
        $"[\"agentmonitor-ledger-1\",1,0,\"session\",null,null,[],null,null,null,null,null,null,[],0,null,\"{LedgerChain.Digest("{}")}\",\"{LedgerChain.Genesis}\"]",
        LedgerChain.Canonical(LedgerChain.Append(new() { At = DateTimeOffset.UnixEpoch, Kind = LedgerKind.Session }, 1, LedgerChain.Genesis)));

    [Fact]
    public void Hash_OfAFullEntry_IsThisValue() => Assert.Equal("dab67f647e6b3ada03222a11281ef7d3ecbef1224c2c1641bccad967b6a11d57", LedgerChain.Append(Full, 7, LedgerChain.Genesis).Hash);

    [Fact]
    public void Canonical_OfAnyText_EqualsPythonsJson()
    {
        var entries = Gen.Sample(Entry(), 200, 12).Append(Full).Select((e, i) => LedgerChain.Append(e, i + 1, LedgerChain.Genesis)).ToList();
        var input = string.Join('\n', entries.Select(e => JsonSerializer.Serialize(new object?[]
        {
            "agentmonitor-ledger-1", e.Sequence, LedgerChain.Microseconds(e.At), e.Kind, e.Agent, e.Session, e.Users, e.Tool, e.CallId, e.DecisionId, e.ArgumentsDigest,
            e.Decision, e.Reason, e.Rules, e.PolicyRevision, e.Actor, e.DataDigest, e.PreviousHash,
        })));
        const string script = """
            import sys, json, hashlib
            for line in sys.stdin:
                text = json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))
                print(hashlib.sha256(text.encode()).hexdigest())
            """;
        var output = Python(script, input);
        if (output is null) Assert.Skip("python3 is not installed");
        Assert.Equal(entries.Select(e => e.Hash), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()));
    }

    [Fact]
    public void Verify_OfAnUntouchedChain_Holds()
    {
        var chain = Chain(20);
        Assert.Equal((null, 20, chain[^1].Hash), LedgerChain.Verify(chain));
        Assert.Equal((null, 10, chain[^1].Hash), LedgerChain.Verify(chain.Skip(10), chain[9].Hash));
        Assert.Equal((null, 0, LedgerChain.Genesis), LedgerChain.Verify([]));
    }

    [Fact]
    public void Verify_AfterAnyFieldChanged_FindsTheEntry()
    {
        var changes = new (string What, Func<LedgerEntry, LedgerEntry> Change)[]
        {
            ("at", e => e with { At = e.At.AddMicroseconds(1) }), ("kind", e => e with { Kind = LedgerKind.Policy }), ("agent", e => e with { Agent = "other" }),
            ("session", e => e with { Session = null }), ("users", e => e with { Users = e.Users.Add("x") }), ("tool", e => e with { Tool = e.Tool + " " }),
            ("callId", e => e with { CallId = null }), ("decisionId", e => e with { DecisionId = "x" }), ("argumentsDigest", e => e with { ArgumentsDigest = "x" }),
            ("decision", e => e with { Decision = "allow" }), ("reason", e => e with { Reason = "default" }), ("rules", e => e with { Rules = [] }),
            ("policyRevision", e => e with { PolicyRevision = 13 }), ("actor", e => e with { Actor = "dana" }), ("data", e => e with { Data = "{}" }),
            ("dataDigest", e => e with { Data = "{}", DataDigest = LedgerChain.Digest("{}") }), ("hash", e => e with { Hash = LedgerChain.Genesis }),
            ("previousHash", e => e with { PreviousHash = LedgerChain.Genesis }),
        };
        foreach (var (what, change) in changes)
        {
            var chain = Chain(10);
            chain[5] = change(chain[5]);
            var (found, count, _) = LedgerChain.Verify(chain);
            Assert.True(found?.Sequence == 6 && count == 5, $"{what}: {found}");
        }
    }

    [Fact]
    public void Verify_AfterAnEntryWasRewrittenWithItsHash_FindsTheNextOne()
    {
        var chain = Chain(10);
        chain[5] = LedgerChain.Append(chain[5] with { Decision = "allow" }, 6, chain[4].Hash);
        Assert.Equal(7, LedgerChain.Verify(chain).Break?.Sequence);
    }

    [Fact]
    public void Verify_AfterEntriesWereRemovedSwappedOrCutFromTheMiddle_FindsIt() => Check.One(Worlds.Runs(200), Prop.ForAll(
        Gen.Choose(0, 18).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), (at, count) =>
        {
            var removed = Chain(20);
            removed.RemoveRange(at, Math.Min(count, 19 - at));
            var swapped = Chain(20);
            (swapped[at], swapped[at + 1]) = (swapped[at + 1], swapped[at]);
            var doubled = Chain(20);
            doubled.Insert(at, doubled[at]);
            return LedgerChain.Verify(removed).Break is not null && LedgerChain.Verify(swapped).Break is not null && LedgerChain.Verify(doubled).Break is not null;
        }));

    [Fact]
    public void Microseconds_ThereAndBack_AreTheSameInstant() => Check.One(Worlds.Runs(500), Prop.ForAll(Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary(), n =>
        LedgerChain.Microseconds(LedgerChain.FromMicroseconds(n * 1_234_567L)) == n * 1_234_567L));

    private static List<LedgerEntry> Chain(int length)
    {
        var chain = new List<LedgerEntry>();
        for (var i = 1; i <= length; i++) chain.Add(LedgerChain.Append(Full with { CallId = $"call_{i}" }, i, chain.Count == 0 ? LedgerChain.Genesis : chain[^1].Hash));
        return chain;
    }

    private static Gen<LedgerEntry> Entry() =>
        from session in Text()
        from tool in Text()
        from users in Text().ListOf(3)
        from actor in Text()
        from none in Gen.Elements(true, false)
        from at in Gen.Choose(0, int.MaxValue)
        select new LedgerEntry { At = DateTimeOffset.UnixEpoch.AddMicroseconds(at * 1_000_003.0), Kind = LedgerKind.ToolCall, Session = session, Tool = tool, Users = [.. users], Actor = none ? null : actor };

    // Any Unicode text, control characters and astral ones included; lone surrogates cannot get into the ledger.
    private static Gen<string> Text() => Gen.OneOf(Gen.Choose(0, 0x2FF), Gen.Choose(0x2000, 0x2030), Gen.Choose(0xE000, 0x10FFFF)).ListOf()
        .Select(codes => string.Concat(codes.Select(c => new Rune(c).ToString())));

    private static string? Python(string script, string input)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", script])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                StandardInputEncoding = new UTF8Encoding(false),
                Environment = { ["PYTHONIOENCODING"] = "utf-8" },
            })!;
            var output = python.StandardOutput.ReadToEndAsync();
            python.StandardInput.Write(input);
            python.StandardInput.Close();
            return output.GetAwaiter().GetResult();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
