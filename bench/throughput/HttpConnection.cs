using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace AgentMonitor.Bench.Throughput;

/// <summary>
/// One kept-open HTTP/1.1 connection that sends ready bytes and waits for the answer. It does as little as possible, since the load
/// generator shares the processor with what it measures.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1_024];

    public static async Task<HttpConnection> OpenAsync(Uri address)
    {
        var connection = new HttpConnection();
        await connection._socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port);
        return connection;
    }

    /// <summary>Sends a request and returns the answer's bytes, status line and headers included; they hold until the next exchange.</summary>
    /// <exception cref="BenchException">The connection was closed, or the answer is not 200.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request)
    {
        for (var sent = 0; sent < request.Length;) sent += await _socket.SendAsync(request[sent..], SocketFlags.None);
        var length = 0;
        while (true)
        {
            var got = await _socket.ReceiveAsync(_buffer.AsMemory(length), SocketFlags.None);
            if (got == 0) throw new BenchException("the server closed a connection");
            length += got;
            if (!IsComplete(_buffer.AsSpan(0, length)))
            {
                if (length == _buffer.Length) throw new BenchException("an answer is larger than any should be");
                continue;
            }
            var answer = _buffer.AsMemory(0, length);
            return answer.Span.StartsWith("HTTP/1.1 200"u8) ? answer : throw new BenchException($"the server answered `{Status(answer.Span)}` `{Problem.CodeOf(Body(answer.Span))}`");
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var headers = answer.IndexOf("\r\n\r\n"u8);
        if (headers < 0) return false;
        // No answer here has a body in which a line is a lone 0, so the last chunk can be told by how the bytes end.
        var at = answer[..headers].IndexOf("\r\nContent-Length: "u8);
        if (at < 0) return answer.EndsWith("\r\n0\r\n\r\n"u8);
        return Utf8Parser.TryParse(answer[(at + 18)..], out int length, out _) && answer.Length >= headers + 4 + length;
    }

    private static string Status(ReadOnlySpan<byte> answer) => System.Text.Encoding.ASCII.GetString(answer[..answer.IndexOf((byte)'\r')]);

    private static string Body(ReadOnlySpan<byte> answer)
    {
        var text = System.Text.Encoding.UTF8.GetString(answer[(answer.IndexOf("\r\n\r\n"u8) + 4)..]);
        var start = text.IndexOf('{', StringComparison.Ordinal);
        var end = text.LastIndexOf('}');
        return start >= 0 && end > start ? text[start..(end + 1)] : "";
    }
}
