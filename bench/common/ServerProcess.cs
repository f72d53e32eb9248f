using System.Diagnostics;
using System.Security.Cryptography;

namespace AgentMonitor.Bench;

/// <summary>A server of our own: on a free port of this machine, with an empty data directory that goes when it does.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const string Announcement = "Now listening on: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _dataDirectory;

    private ServerProcess(Process process, string dataDirectory, string operatorToken, Uri address)
    {
        (_process, _dataDirectory, OperatorToken, Address) = (process, dataDirectory, operatorToken, address);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }
    /// <summary>A token with the admin role.</summary>
    public string OperatorToken { get; }

    /// <summary>The processor time it has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory it holds, in bytes.</summary>
    public long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="settings">Settings beyond data directory and token, as environment variables.</param>
    /// <exception cref="BenchException">It is not built or did not start.</exception>
    public static async Task<ServerProcess> StartAsync(params IEnumerable<(string Name, string Value)> settings)
    {
        var assembly = Repository.ServerAssembly;
        if (!File.Exists(assembly)) throw new BenchException($"the server is not built: {Path.GetRelativePath(Repository.Root, assembly)} is missing");
        var data = Directory.CreateTempSubdirectory("agentmonitor-bench-").FullName;
        var token = RandomNumberGenerator.GetHexString(48, lowercase: true);
        var start = new ProcessStartInfo("dotnet", [assembly, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            // Its content root, which the host watches: the data must not lie in it.
            WorkingDirectory = Path.GetDirectoryName(assembly)!,
            Environment =
            {
                ["AgentMonitor__DataDirectory"] = Path.Combine(data, "data"),
                ["AgentMonitor__Bootstrap__OperatorToken"] = token,
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
            },
        };
        foreach (var (name, value) in settings) start.Environment[name] = value;

        var process = Process.Start(start) ?? throw new BenchException("the server could not be started");
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.IndexOf(Announcement, StringComparison.Ordinal) is >= 0 and var at) address.TrySetResult(new Uri(line.Data[(at + Announcement.Length)..].Trim()));
            else if (line.Data is null) address.TrySetException(new BenchException("the server ended before it listened"));
        };
        // Its errors are the one thing of its output that a person needs; they go through as they are.
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) Console.Error.WriteLine($"server: {line.Data}");
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new(process, data, token, await address.Task.WaitAsync(Patience));
        }
        catch (Exception e)
        {
            using var failed = new ServerProcess(process, data, token, new Uri("http://127.0.0.1"));
            if (e is TimeoutException) throw new BenchException($"the server did not listen within {Patience.TotalSeconds:0} s");
            throw;
        }
    }

    /// <summary>Ends it and deletes its data.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(TimeSpan.FromSeconds(10));
        }
        _process.Dispose();
        try { Directory.Delete(_dataDirectory, recursive: true); }
        catch (IOException e) { Console.Error.WriteLine($"could not delete {_dataDirectory}: {e.Message}"); }
    }
}
