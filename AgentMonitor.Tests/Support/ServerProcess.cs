using System.Diagnostics;
using System.Text;

namespace AgentMonitor.Tests.Support;

/// <summary>The built program as a process of its own, to be killed and started again on the same data directory.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private bool _disposed;

    private ServerProcess(Process process) => _process = process;

    public Api Api { get; private set; } = null!;
    public int Id => _process.Id;

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>The program, relative to the test's own output: <c>AgentMonitor.Tests/bin/CONFIGURATION/FRAMEWORK</c>.</summary>
    public static string Dll
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            var built = Path.Combine(output.Parent!.Parent!.Parent!.Parent!.FullName, "AgentMonitor.Web", "bin", output.Parent.Name, output.Name, "AgentMonitor.Web.dll");
            return File.Exists(built) ? built : throw new FileNotFoundException("build the solution first", built);
        }
    }

    /// <summary>Starts the program and waits until it listens.</summary>
    /// <param name="dataDirectory">Where its data lies.</param>
    /// <param name="shell">Shell commands to run before it in the same process, such as a limit.</param>
    /// <param name="settings">Environment variables.</param>
    public static Task<ServerProcess> StartAsync(string dataDirectory, string? shell = null, params (string Name, string Value)[] settings) => StartAsync(dataDirectory, shell, [], settings);

    /// <summary>Starts the program and its demo agent, and waits until it listens.</summary>
    public static Task<ServerProcess> StartDemoAsync(string dataDirectory) => StartAsync(dataDirectory, null, ["--demo"], []);

    private static async Task<ServerProcess> StartAsync(string dataDirectory, string? shell, string[] arguments, (string Name, string Value)[] settings)
    {
        var start = Start(dataDirectory, shell, arguments);
        start.Environment["Urls"] = "http://127.0.0.1:0";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new ServerProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        void Read(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null) return;
            lock (server._output) server._output.AppendLine(line.Data);
            const string mark = "Now listening on: ";
            var at = line.Data.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0) listening.TrySetResult(new Uri(line.Data[(at + mark.Length)..].Trim()));
        }
        server._process.OutputDataReceived += Read;
        server._process.ErrorDataReceived += Read;
        server._process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"the server ended: {server.Output}"));
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        try
        {
            var address = await listening.Task.WaitAsync(TimeSpan.FromSeconds(60));
            server.Api = new(new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) });
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the command <c>verify</c> on a data directory.</summary>
    public static async Task<(int ExitCode, string Output)> VerifyAsync(string dataDirectory)
    {
        using var process = Process.Start(Start(dataDirectory, null, ["verify"]))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and reads its output to the end.</summary>
    public async Task StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        Api?.Http.Dispose();
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Start(string dataDirectory, string? shell, string[] arguments)
    {
        var start = shell is null ? new ProcessStartInfo("dotnet", [Dll, .. arguments]) : new ProcessStartInfo("bash", ["-c", $"{shell}; exec dotnet \"$@\"", "bash", Dll, .. arguments]);
        start.UseShellExecute = false;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = Path.GetDirectoryName(Dll);
        start.Environment["AgentMonitor__DataDirectory"] = dataDirectory;
        start.Environment["AgentMonitor__Bootstrap__OperatorToken"] = Api.OperatorToken;
        start.Environment["DOTNET_TieredCompilation"] = "1";
        return start;
    }
}
