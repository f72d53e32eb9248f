using AgentMonitor.Web.Configuration;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Storage;

/// <summary>Where data lies: never inside the content root, which the host may watch.</summary>
public sealed class DataDirectory
{
    /// <summary>Resolves the folder and creates it.</summary>
    public DataDirectory(IOptions<MonitorOptions> options, IHostEnvironment host)
    {
        Path = System.IO.Path.GetFullPath(options.Value.DataDirectory ?? System.IO.Path.Combine(SolutionFolder(host.ContentRootPath), "data"));
        Directory.CreateDirectory(Path);
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>A file or folder in it.</summary>
    public string In(string name) => System.IO.Path.Combine(Path, name);

    private static string SolutionFolder(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "AgentMonitor.sln"))) return folder.FullName;
        // Published, there is no solution: beside the program's folder.
        return System.IO.Path.GetDirectoryName(System.IO.Path.TrimEndingDirectorySeparator(start)) ?? start;
    }
}
