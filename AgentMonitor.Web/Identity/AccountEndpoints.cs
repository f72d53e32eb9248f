using AgentMonitor.Web.Components.Account;
using AgentMonitor.Web.Configuration;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;

namespace AgentMonitor.Web.Identity;

/// <summary>Sign-in, sign-out and the first admin: plain pages and form posts, since a circuit cannot set cookies.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        app.MapGet("/account/sign-in", async (HttpContext context, AccountActions accounts, string? returnUrl) =>
            !await accounts.AnyAsync() ? Page<NotSetUpPage>([]) : SignIn(returnUrl, null));

        app.MapPost("/account/sign-in", async Task<IResult> (
            [FromForm] string? name, [FromForm] string? password, [FromForm] string? returnUrl, SignInManager<Account> signIn, AccountActions actions, TimeProvider clock) =>
        {
            var account = string.IsNullOrEmpty(name) ? null : await signIn.UserManager.FindByNameAsync(name);
            var result = account is null || account.Disabled ? Microsoft.AspNetCore.Identity.SignInResult.Failed
                : await signIn.PasswordSignInAsync(account, password ?? "", isPersistent: false, lockoutOnFailure: true);
            if (!result.Succeeded)
            {
                await actions.RecordSignInAsync(name ?? "", "sign-in-failed", result.IsLockedOut ? "A sign-in was refused: the account is locked." : "A sign-in was refused.");
                // One sentence for every cause but the lock: what exists is nobody's business.
                return SignIn(returnUrl, result.IsLockedOut ? "Too many failed attempts: the account is locked for five minutes." : "That name and password do not match.");
            }
            account!.LastSignInAt = clock.GetUtcNow();
            await signIn.UserManager.UpdateAsync(account);
            await actions.RecordSignInAsync(account.UserName!, "signed-in", $"{account.UserName} signed in.");
            return TypedResults.LocalRedirect(Local(returnUrl));
        });

        app.MapPost("/account/sign-out", async ([FromForm] string? returnUrl, HttpContext context, SignInManager<Account> signIn, AccountActions actions) =>
        {
            if (context.User.Identity?.Name is { } name) await actions.RecordSignInAsync(name, "signed-out", $"{name} signed out.");
            await signIn.SignOutAsync();
            return TypedResults.LocalRedirect("/account/sign-in");
        });

        app.MapGet("/account/setup", async Task<IResult> (string? token, SetupLink link, AccountActions accounts) =>
            link.Accepts(token) && !await accounts.AnyAsync() ? Setup(token!, null, null) : Page<SetupUsedPage>([]));

        app.MapPost("/account/setup", async Task<IResult> (
            [FromForm] string? token, [FromForm] string? name, [FromForm] string? password, SetupLink link, AccountActions accounts, SignInManager<Account> signIn, TimeProvider clock) =>
        {
            if (!link.Accepts(token)) return Page<SetupUsedPage>([]);
            try { await accounts.CreateFirstAsync((name ?? "").Trim(), password ?? ""); }
            catch (RefusedException e) { return Setup(token!, name, e.Message); }
            link.Close();
            var account = await signIn.UserManager.FindByNameAsync(name!.Trim());
            account!.LastSignInAt = clock.GetUtcNow();
            await signIn.UserManager.UpdateAsync(account);
            await signIn.SignInAsync(account, isPersistent: false);
            await accounts.RecordSignInAsync(account.UserName!, "signed-in", $"{account.UserName} signed in.");
            return TypedResults.LocalRedirect("/");
        });
    }

    private static RazorComponentResult SignIn(string? returnUrl, string? error) => Page<SignInPage>(new() { ["ReturnUrl"] = Local(returnUrl), ["Error"] = error });

    private static RazorComponentResult Setup(string token, string? name, string? error) => Page<SetupPage>(new() { ["Token"] = token, ["Name"] = name, ["Error"] = error });

    private static RazorComponentResult Page<T>(Dictionary<string, object?> parameters) where T : Microsoft.AspNetCore.Components.IComponent => new RazorComponentResult<T>(parameters);

    // Only an address of ours: a link must not send people elsewhere after they signed in.
    private static string Local(string? url) => url is { Length: > 0 } && url[0] == '/' && !url.StartsWith("//", StringComparison.Ordinal) && !url.StartsWith("/\\", StringComparison.Ordinal) && !url.Any(char.IsControl) ? url : "/";
}
