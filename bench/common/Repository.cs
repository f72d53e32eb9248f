namespace AgentMonitor.Bench;

/// <summary>Where things lie in the repository that a benchmark was built in.</summary>
internal static class Repository
{
    /// <summary>The configuration that the benchmark, and with it the server, was built in.</summary>
    public static string Configuration { get; } =
        typeof(Repository).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyConfigurationAttribute), false) is [System.Reflection.AssemblyConfigurationAttribute found, ..] ? found.Configuration : "Release";

    /// <summary>The folder of the solution.</summary>
    /// <exception cref="BenchException">The program does not lie in the repository.</exception>
    public static string Root { get; } = FindRoot();

    /// <summary>The server's assembly, built with the benchmark.</summary>
    public static string ServerAssembly => Path.Combine(Root, "AgentMonitor.Web", "bin", Configuration, "net10.0", "AgentMonitor.Web.dll");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AgentMonitor.sln"))) return folder.FullName;
        throw new BenchException("run this from the repository: there is no AgentMonitor.sln above the program");
    }
}

/// <summary>Something that ends a benchmark; its message is for the person who ran it.</summary>
internal sealed class BenchException(string message) : Exception(message);
