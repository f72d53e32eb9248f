using System.Buffers.Text;
using System.Text;

namespace AgentMonitor.Bench.Throughput;

/// <summary>One kind of request. A connection repeats it, each time as a new call with its own call id.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Path">Where it goes.</param>
/// <param name="CallsOfSession">After how many calls a connection begins a new session: as agents do, and so that no session grows without end.</param>
/// <param name="Tools">The tools in the order in which a session calls them; the last is repeated.</param>
/// <param name="Expected">What each answer must hold; the first call of a session may be answered otherwise.</param>
/// <param name="Reports">Reports a result after each call; the exchange is then two requests.</param>
internal sealed record Workload(string Name, string Path, int CallsOfSession, IReadOnlyList<string> Tools, string Expected, bool Reports = false)
{
    private static int _sessions;

    /// <summary>The requests of one connection.</summary>
    public Runner For(HttpConnection connection, string key) => new(this, connection, key);

    /// <summary>Sends the requests of one connection.</summary>
    internal sealed class Runner
    {
        private const string Session = "SSSSSSSSSS";
        private const string Call = "CCCCCCCCCC";
        private const string Decision = "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD";

        private readonly Workload _workload;
        private readonly HttpConnection _connection;
        private readonly Template[] _calls;
        private readonly Template _result;
        private readonly byte[] _expected;
        private int _call;
        private int _session;

        public Runner(Workload workload, HttpConnection connection, string key)
        {
            (_workload, _connection) = (workload, connection);
            _expected = Encoding.UTF8.GetBytes(workload.Expected);
            _calls = [.. workload.Tools.Select(tool => new Template(workload.Path, key, $$"""
                {"session":{"id":"bench-{{Session}}"},"users":[{"id":"alice@example.com","roles":["pm"]}],"tool":"{{tool}}","arguments":{"document":"quarterly-report-2026-q3","recipient":"team@example.com","section":"Results and outlook","language":"en","options":{"format":"markdown","pages":[1,2,3,4],"includeComments":true},"note":"Summarise the chapter on costs in at most five sentences."},"callId":"call-{{Call}}"}
                """))];
            _result = new($"/v1/tool-calls/{Decision}/result", key, """{"status":"ok","durationMs":12,"content":"The chapter says that costs rose by four per cent, mostly for energy, and expects them to fall next year."}""");
            NextSession();
        }

        /// <summary>Does it once.</summary>
        public async ValueTask StepAsync()
        {
            if (_call == _workload.CallsOfSession) NextSession();
            var request = _calls[Math.Min(_call, _calls.Length - 1)];
            request.Number(Session, _session);
            request.Number(Call, _call++);
            var answer = await _connection.ExchangeAsync(request.Bytes);
            if (answer.Span.IndexOf(_expected) < 0 && _call > 1) throw new BenchException($"{_workload.Name}: an answer is not the expected one");
            if (!_workload.Reports) return;
            var at = answer.Span.IndexOf("\"decisionId\":\""u8) + 14;
            _result.Text(Decision, answer.Span.Slice(at, Decision.Length));
            await _connection.ExchangeAsync(_result.Bytes);
        }

        private void NextSession() => (_session, _call) = (Interlocked.Increment(ref _sessions), 0);
    }

    /// <summary>A request as bytes, with places of fixed width that are written over.</summary>
    private sealed class Template
    {
        private readonly byte[] _bytes;
        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

        public Template(string path, string key, string body) =>
            _bytes = Encoding.UTF8.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

        public ReadOnlyMemory<byte> Bytes => _bytes;

        public void Number(string place, int number) => Utf8Formatter.TryFormat(number, _bytes.AsSpan(At(place), place.Length), out _, new('D', (byte)place.Length));

        public void Text(string place, ReadOnlySpan<byte> text) => text.CopyTo(_bytes.AsSpan(At(place), place.Length));

        private int At(string place)
        {
            if (_places.TryGetValue(place, out var at)) return at;
            return _places[place] = _bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(place));
        }
    }
}
