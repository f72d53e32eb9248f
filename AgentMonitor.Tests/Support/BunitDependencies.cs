using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace AgentMonitor.Tests.Support;

/// <summary>
/// bUnit asks for AngleSharp.Diffing 1.x, which the registry lacks; 0.17.0 has what it uses. It lies in a folder of its own, so
/// that the host does not list it under another version, and is found here.
/// </summary>
internal static class BunitDependencies
{
    [ModuleInitializer]
    internal static void Resolve() => AssemblyLoadContext.Default.Resolving += (context, name) =>
        name.Name == "AngleSharp.Diffing" ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "bunit-deps", "AngleSharp.Diffing.dll")) : null;
}
