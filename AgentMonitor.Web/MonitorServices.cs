using AgentMonitor.Web.Api;
using AgentMonitor.Web.Approvals;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Control;
using AgentMonitor.Web.Decisions;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Live;
using AgentMonitor.Web.Sessions;
using AgentMonitor.Web.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web;

/// <summary>Registers what the program is made of, one method for each part.</summary>
internal static class MonitorServices
{
    /// <summary>Settings, checked at the start.</summary>
    public static IServiceCollection AddMonitorOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MonitorOptions>().Bind(configuration.GetSection(MonitorOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MonitorOptions>, MonitorOptionsValidator>();
        services.AddSingleton(TimeProvider.System);
        return services;
    }

    /// <summary>The database and the ledger.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddSingleton<DataDirectory>();
        services.AddSingleton<SqliteConnections>();
        services.AddSingleton<Schema>();
        services.AddSingleton<StateStore>();
        services.AddDbContextFactory<MonitorDbContext>((provider, options) => options.UseSqlite(provider.GetRequiredService<SqliteConnections>().ConnectionString));
        services.AddSingleton<LedgerWriter>();
        services.AddSingleton<LedgerReader>();
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<InFlightCalls>();
        // In this order: what a receipt counts is counted before a page is told.
        services.AddSingleton<ICommitObserver>(provider => provider.GetRequiredService<InFlightCalls>());
        services.AddSingleton<ICommitObserver>(provider => new FeedPublisher(provider.GetRequiredService<LiveFeed>()));
        return services;
    }

    /// <summary>Decisions, sessions, switches, approvals.</summary>
    public static IServiceCollection AddGovernance(this IServiceCollection services)
    {
        services.AddSingleton<ControlRoom>();
        services.AddSingleton<SessionRoom>();
        services.AddSingleton<OriginKeys>();
        services.AddSingleton<AgentCalls>();
        services.AddSingleton<HeldArguments>();
        services.AddSingleton<SessionOrigins>();
        services.AddSingleton<SessionReader>();
        services.AddSingleton<ApprovalDesk>();
        services.AddSingleton<DecisionService>();
        services.AddSingleton<OperatorActions>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<Callers>();
        services.AddSingleton<ToolObserver>();
        services.AddHostedService(provider => provider.GetRequiredService<ToolObserver>());
        services.AddHostedService<Housekeeping>();
        return services;
    }

    /// <summary>People's accounts and who opens what.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton<AccountActions>();
        services.AddSingleton<SetupLink>();
        services.AddIdentityCore<Account>(options =>
            {
                options.Password.RequiredLength = 12;
                // Length is what counts; rules about kinds of characters make passwords worse (NIST SP 800-63B).
                options.Password.RequireDigit = options.Password.RequireLowercase = options.Password.RequireUppercase = options.Password.RequireNonAlphanumeric = false;
                options.Lockout.MaxFailedAccessAttempts = 5;
                options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
                options.User.AllowedUserNameCharacters = "";
            })
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<MonitorDbContext>()
            .AddSignInManager()
            .AddDefaultTokenProviders();
        services.AddAuthentication(IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, BearerOperatorHandler>(BearerOperatorHandler.SchemeName, null)
            .AddIdentityCookies(cookies => cookies.ApplicationCookie!.Configure(options =>
            {
                options.LoginPath = "/account/sign-in";
                options.AccessDeniedPath = "/account/sign-in";
                options.ReturnUrlParameter = "returnUrl";
                options.Cookie.Name = "agentmonitor";
                options.Cookie.HttpOnly = true;
                options.Cookie.SameSite = SameSiteMode.Lax;
                options.ExpireTimeSpan = TimeSpan.FromHours(12);
                options.SlidingExpiration = true;
            }));
        services.AddAuthorization();
        // What an admin changed about an account reaches its cookie within half a minute, like its open pages.
        services.Configure<SecurityStampValidatorOptions>(options => options.ValidationInterval = TimeSpan.FromSeconds(30));
        services.AddScoped<AuthenticationStateProvider, AccountRevalidation>();
        // Keys of cookies survive a restart and lie beside the database.
        services.AddDataProtection().SetApplicationName("AgentMonitor");
        services.AddOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>().Configure<DataDirectory, ILoggerFactory>((options, data, loggers) =>
            options.XmlRepository = new Microsoft.AspNetCore.DataProtection.Repositories.FileSystemXmlRepository(Directory.CreateDirectory(data.In("keys")), loggers));
        return services;
    }

    /// <summary>Publishes what was committed.</summary>
    private sealed class FeedPublisher(LiveFeed feed) : ICommitObserver
    {
        public void Committed(IReadOnlyList<Core.Ledger.LedgerEntry> entries) => feed.Publish(entries);
    }
}
