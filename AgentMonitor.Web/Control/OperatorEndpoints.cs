using System.Collections.Immutable;
using System.Text.Json;
using AgentMonitor.Core.Agents;
using AgentMonitor.Core.Identity;
using AgentMonitor.Core.Policy;
using AgentMonitor.Core.Switches;
using AgentMonitor.Core.Tools;
using AgentMonitor.Web.Api;
using AgentMonitor.Web.Configuration;
using AgentMonitor.Web.Identity;
using AgentMonitor.Web.Ledger;
using AgentMonitor.Web.Sessions;
using Microsoft.Extensions.Options;

namespace AgentMonitor.Web.Control;

/// <summary>The API for operators and their automation.</summary>
internal static class OperatorEndpoints
{
    public static void MapOperators(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var callers = services.GetRequiredService<Callers>();
        var actions = services.GetRequiredService<OperatorActions>();
        var control = services.GetRequiredService<ControlRoom>();
        var reader = services.GetRequiredService<SessionReader>();
        var ledger = services.GetRequiredService<LedgerReader>();
        var limits = services.GetRequiredService<IOptions<MonitorOptions>>().Value.Limits;
        var clock = services.GetRequiredService<TimeProvider>();

        Agents();
        Keys();
        Tools();
        Switches();
        Sessions();
        Policy();
        PolicyPresets();
        Approvals();

        void Agents()
        {
            Map("GET", "/v1/agents", OperatorRole.Viewer, (context, _) => Answer.JsonAsync(context, 200, writer =>
            {
                writer.WriteStartArray("items");
                foreach (var agent in control.Current.Agents.Values.OrderBy(a => a.Id, StringComparer.Ordinal)) Object(writer, () => Write(writer, agent));
                writer.WriteEndArray();
            }));
            Map("GET", "/v1/agents/{agent}", OperatorRole.Viewer, (context, _) =>
            {
                var agent = FindAgent(context);
                return Answer.JsonAsync(context, 200, writer => Write(writer, agent));
            });
            Map("PUT", "/v1/agents/{agent}", OperatorRole.Admin, async (context, actor) =>
            {
                using var body = await RequestBody.ReadAsync(context, limits);
                var fields = new JsonFields(body.RootElement);
                var id = Route(context, "agent");
                var saved = await actions.SaveAgentAsync(actor, new AgentDefinition
                {
                    Id = id,
                    Name = fields.OptionalString("name") ?? id,
                    Description = fields.OptionalString("description") ?? "",
                    Owner = fields.OptionalString("owner") ?? "",
                    DefaultDecision = Word<DefaultDecision>(fields, "defaultDecision", Wire.Word) ?? DefaultDecision.Allow,
                    UnclassifiedTools = Word<UnclassifiedTools>(fields, "unclassifiedTools", Wire.Word) ?? UnclassifiedTools.Allow,
                    Tags = fields.Has("tags") ? fields.Slugs("tags", 32) : [],
                    TrustedDestinations = fields.OptionalList("trustedDestinations", 256, JsonFields.Text),
                }, context.RequestAborted);
                await Answer.JsonAsync(context, 200, writer => Write(writer, saved));
            });
            Map("DELETE", "/v1/agents/{agent}", OperatorRole.Admin, async (context, actor) =>
            {
                await actions.DeleteAgentAsync(actor, Route(context, "agent"), context.RequestAborted);
                context.Response.StatusCode = 204;
            });
        }

        void Keys()
        {
            Map("POST", "/v1/agents/{agent}/keys", OperatorRole.Admin, async (context, actor) =>
            {
                using var body = await RequestBody.ReadAsync(context, limits);
                var fields = new JsonFields(body.RootElement);
                var made = await actions.CreateKeyAsync(actor, Route(context, "agent"), fields.String("name"), fields.OptionalInstant("expiresAt"), context.RequestAborted);
                context.Response.Headers.CacheControl = "no-store";
                await Answer.JsonAsync(context, 201, writer =>
                {
                    writer.WriteString("id", made.Id);
                    writer.WriteString("key", made.Key);
                    writer.WriteString("prefix", made.Prefix);
                });
            });
            Map("GET", "/v1/agents/{agent}/keys", OperatorRole.Admin, (context, _) =>
            {
                var agent = FindAgent(context);
                return Answer.JsonAsync(context, 200, writer =>
                {
                    writer.WriteStartArray("items");
                    foreach (var key in actions.Keys(agent.Id))
                        Object(writer, () =>
                        {
                            writer.WriteString("id", key.Id);
                            writer.WriteString("name", key.Name);
                            writer.WriteString("prefix", key.Prefix);
                            Answer.Instant(writer, "createdAt", key.CreatedAt);
                            Answer.Instant(writer, "expiresAt", key.ExpiresAt);
                            Answer.Instant(writer, "revokedAt", key.RevokedAt);
                            Answer.Instant(writer, "lastUsedAt", key.LastUsedAt);
                        });
                    writer.WriteEndArray();
                });
            });
            Map("DELETE", "/v1/agents/{agent}/keys/{id}", OperatorRole.Admin, async (context, actor) =>
            {
                await actions.RevokeKeyAsync(actor, Route(context, "agent"), Route(context, "id"), context.RequestAborted);
                context.Response.StatusCode = 204;
            });
        }

        void Tools()
        {
            Map("GET", "/v1/agents/{agent}/tools", OperatorRole.Viewer, (context, _) =>
            {
                var agent = FindAgent(context);
                var snapshot = control.Current;
                var now = clock.GetUtcNow();
                return Answer.JsonAsync(context, 200, writer =>
                {
                    writer.WriteStartArray("items");
                    foreach (var tool in snapshot.Tools.GetValueOrDefault(agent.Id)?.Values.OrderBy(t => t.Name, StringComparer.Ordinal) ?? Enumerable.Empty<ToolDefinition>())
                        Object(writer, () => Write(writer, tool, snapshot.DisabledTool(agent.Id, tool.Name, now)));
                    writer.WriteEndArray();
                });
            });
            Map("GET", "/v1/agents/{agent}/tools/{tool}", OperatorRole.Viewer, (context, _) =>
            {
                var agent = FindAgent(context);
                var snapshot = control.Current;
                var tool = snapshot.FindTool(agent.Id, Route(context, "tool")) ?? throw new RefusedException(404, "no-such-tool", "the agent has no tool of that name");
                return Answer.JsonAsync(context, 200, writer =>
                {
                    Write(writer, tool, snapshot.DisabledTool(agent.Id, tool.Name, clock.GetUtcNow()));
                    Write(writer, ToolSuggestions.For(tool));
                });
            });
            Map("PUT", "/v1/agents/{agent}/tools/{tool}", OperatorRole.Author, async (context, actor) =>
            {
                using var body = await RequestBody.ReadAsync(context, limits);
                var fields = new JsonFields(body.RootElement);
                var (agent, name) = (Route(context, "agent"), Route(context, "tool"));
                var known = control.Current.FindTool(agent, name);
                // What is left out stays as it is: classifying a tool must not wipe the roles of its arguments.
                ImmutableArray<ToolTag>? tags = fields.Has("tags") ? fields.List("tags", 32, ReadTag) : known is { IsClassified: true } ? known.Tags : null;
                if (tags is { } given && given.Count(t => t.WhenArgument is not null) > ToolDefinition.MaxConditionalTags)
                    throw JsonFields.BadValue("/tags", $"at most {ToolDefinition.MaxConditionalTags} tags may depend on an argument");
                var saved = await actions.SaveToolAsync(actor, new ToolDefinition(agent, name, tags)
                {
                    Description = fields.OptionalString("description") ?? known?.Description ?? "",
                    Destinations = fields.Has("destinations") ? fields.List("destinations", int.MaxValue, JsonFields.Text) : known?.Destinations ?? [],
                    FreeText = fields.Has("freeText") ? fields.List("freeText", int.MaxValue, JsonFields.Text) : known?.FreeText ?? [],
                    ResultMetadata = fields.Has("resultMetadata") ? fields.List("resultMetadata", int.MaxValue, JsonFields.Text) : known?.ResultMetadata ?? [],
                }, context.RequestAborted);
                await Answer.JsonAsync(context, 200, writer => Write(writer, saved, null));
            });
        }

        void Switches()
        {
            MapSwitch("/v1/agents/{agent}/quarantine", context => SwitchTarget.ForAgent(Route(context, "agent")));
            MapSwitch("/v1/agents/{agent}/tools/{tool}/disable", context => SwitchTarget.ForTool(Route(context, "agent"), Route(context, "tool")));
            MapSwitch("/v1/agents/{agent}/sessions/{session}/quarantine", context => SwitchTarget.ForSession(new(Route(context, "agent"), Route(context, "session"))));
            MapSwitch("/v1/users/{user}/quarantine", context => SwitchTarget.ForUser(Route(context, "user")));
            MapSwitch("/v1/stop", _ => SwitchTarget.StopAll);
            Map("GET", "/v1/switches", OperatorRole.Viewer, (context, _) => Answer.JsonAsync(context, 200, writer =>
            {
                var now = clock.GetUtcNow();
                writer.WriteStartArray("items");
                foreach (var found in control.Current.Switches.Values.Where(s => s.InForceAt(now)).OrderBy(s => s.Since))
                    Object(writer, () =>
                    {
                        writer.WriteString("switch", Wire.Word(found.Target.Kind));
                        if (found.Target.Agent is { } agent) writer.WriteString("agent", agent);
                        if (found.Target.Session is { } session) writer.WriteString("session", session);
                        if (found.Target.Tool is { } tool) writer.WriteString("tool", tool);
                        if (found.Target.User is { } user) writer.WriteString("user", user);
                        writer.WriteString("actor", found.Actor);
                        writer.WriteString("reason", found.Reason);
                        Answer.Instant(writer, "since", found.Since);
                        Answer.Instant(writer, "until", found.Until);
                    });
                writer.WriteEndArray();
            }));
        }

        void MapSwitch(string path, Func<HttpContext, SwitchTarget> target)
        {
            Map("PUT", path, OperatorRole.Operator, async (context, actor) =>
            {
                using var body = await RequestBody.ReadAsync(context, limits);
                var fields = new JsonFields(body.RootElement);
                var receipt = await actions.SetSwitchAsync(actor, target(context), fields.String("reason"), fields.OptionalInstant("until"), context.RequestAborted);
                await Answer.JsonAsync(context, 200, writer =>
                {
                    Answer.Instant(writer, "inForce", receipt.InForceSince);
                    writer.WritePropertyName("lastAllowed");
                    if (receipt.LastAllowed is { } last) Write(writer, last);
                    else writer.WriteNullValue();
                    writer.WriteStartArray("inFlight");
                    foreach (var call in receipt.InFlight.Take(1_000)) Write(writer, call);
                    writer.WriteEndArray();
                    writer.WriteNumber("cancelledApprovals", receipt.CancelledApprovals);
                });
            });
            Map("DELETE", path, OperatorRole.Operator, async (context, actor) =>
            {
                var lifted = await actions.LiftSwitchAsync(actor, target(context), context.Request.Query["reason"], context.RequestAborted);
                context.Response.StatusCode = lifted ? 204 : throw new RefusedException(404, "not-in-force", "that switch is not set");
            });
        }

        void Sessions()
        {
            Map("GET", "/v1/sessions", OperatorRole.Viewer, async (context, _) =>
            {
                var query = context.Request.Query;
                var found = await reader.ListAsync(new() { Agent = query["agent"], Label = query["label"], User = query["user"], Text = query["text"] }, EventEndpoints.Limit(query, 50, 500), context.RequestAborted);
                await Answer.JsonAsync(context, 200, writer =>
                {
                    writer.WriteStartArray("items");
                    foreach (var session in found)
                        Object(writer, () =>
                        {
                            writer.WriteString("agent", session.Key.Agent);
                            writer.WriteString("id", session.Key.Id);
                            Answer.Instant(writer, "startedAt", session.StartedAt);
                            Answer.Instant(writer, "lastActiveAt", session.LastActiveAt);
                            Answer.Instant(writer, "endedAt", session.EndedAt);
                            Strings(writer, "labels", session.Labels);
                            Strings(writer, "users", session.Users);
                            writer.WriteNumber("calls", session.Calls);
                            writer.WriteNumber("denials", session.Denials);
                        });
                    writer.WriteEndArray();
                });
            });
            Map("GET", "/v1/agents/{agent}/sessions/{session}", OperatorRole.Viewer, async (context, _) =>
            {
                var key = new SessionKey(Route(context, "agent"), Route(context, "session"));
                var state = await reader.FindAsync(key, context.RequestAborted) ?? throw new RefusedException(404, "no-such-session", "there is no such session");
                var timeline = await ledger.TimelineAsync(key, 1_000, context.RequestAborted);
                await Answer.JsonAsync(context, 200, writer =>
                {
                    writer.WriteString("agent", key.Agent);
                    writer.WriteString("id", key.Id);
                    Answer.Instant(writer, "startedAt", state.StartedAt);
                    Answer.Instant(writer, "endedAt", state.EndedAt);
                    Strings(writer, "labels", state.LabelNames);
                    Answer.Member<IReadOnlyList<EvidenceData>>(writer, "evidence", [.. state.Labels.Select(EvidenceData.From)], LedgerJson.Readable);
                    Strings(writer, "parents", [.. state.Parents.Select(p => p.ToString())]);
                    Strings(writer, "users", state.Users);
                    if (state.Grants is { } grants) Strings(writer, "grants", grants);
                    writer.WriteStartObject("origins");
                    writer.WriteNumber("values", state.Origins.Count);
                    writer.WriteBoolean("full", state.Origins.IsFull);
                    writer.WriteEndObject();
                    writer.WriteStartArray("timeline");
                    foreach (var entry in timeline) EventEndpoints.Write(writer, entry);
                    writer.WriteEndArray();
                });
            });
            Map("DELETE", "/v1/agents/{agent}/sessions/{session}/labels/{label}", OperatorRole.Operator, async (context, actor) =>
            {
                var reason = context.Request.Query["reason"].ToString();
                if (reason.Length == 0 && context.Request.ContentType is not null)
                {
                    using var body = await RequestBody.ReadAsync(context, limits);
                    reason = new JsonFields(body.RootElement).String("reason");
                }
                await actions.ClearLabelAsync(actor, new(Route(context, "agent"), Route(context, "session")), Route(context, "label"), reason, context.RequestAborted);
                context.Response.StatusCode = 204;
            });
        }

        void Policy()
        {
            Map("GET", "/v1/policy", OperatorRole.Viewer, (context, _) => WritePolicyAsync(context, control.Current.Policy));
            Map("PUT", "/v1/policy", OperatorRole.Author, async (context, actor) =>
            {
                if (context.Request.Headers.IfMatch.ToString().Trim('"') is not { Length: > 0 } match || !long.TryParse(match, System.Globalization.CultureInfo.InvariantCulture, out var expected))
                    throw new RefusedException(428, "if-match-required", "send `If-Match: \"<revision>\"` with the revision that your change was made from");
                using var body = await RequestBody.ReadAsync(context, limits);
                PolicyDocument document;
                try
                {
                    var rules = body.RootElement.Deserialize(PolicyJson.Default.PolicyBody)!.Rules;
                    if (rules.IsDefault || rules.Any(rule => rule is null)) throw new RefusedException(400, "policy-malformed", "`rules` is a list of rules, none of them null; nothing was saved");
                    document = new PolicyDocument(rules).Completed();
                }
                catch (JsonException e)
                {
                    throw new RefusedException(400, "policy-malformed", $"the policy could not be read at `{e.Path}`: a member is unknown, missing or of the wrong type; nothing was saved") { Member = e.Path };
                }
                if (document.Rules.FirstOrDefault(HoldsNull) is { } broken) throw new RefusedException(400, "policy-malformed", $"a list of the rule `{broken.Id}` holds null; nothing was saved");
                await WritePolicyAsync(context, await actions.SavePolicyAsync(actor, document, expected, context.Request.Query["comment"], context.RequestAborted));
            });
        }

        void PolicyPresets()
        {
            Map("GET", "/v1/policy/presets", OperatorRole.Viewer, (context, _) =>
            {
                var policy = control.Current.Policy;
                var active = Presets.Of(policy.Document);
                return Answer.JsonAsync(context, 200, writer =>
                {
                    writer.WriteNumber("revision", policy.Revision);
                    if (active is null) writer.WriteNull("active");
                    else writer.WriteString("active", active.Id);
                    writer.WriteString("measured", PresetEffects.Shipped.Measured);
                    writer.WriteString("source", PresetEffects.Shipped.Source);
                    writer.WriteStartArray("items");
                    foreach (var preset in Presets.All)
                        Object(writer, () =>
                        {
                            writer.WriteString("id", preset.Id);
                            writer.WriteString("name", preset.Name);
                            writer.WriteString("summary", preset.Summary);
                            writer.WriteStartArray("rules");
                            foreach (var rule in preset.Rules) writer.WriteStringValue(rule.Id);
                            writer.WriteEndArray();
                            if (PresetEffects.Shipped.Of(preset.Id) is not { } effect) return;
                            writer.WriteStartObject("effect");
                            writer.WriteNumber("attacks", effect.Attacks);
                            writer.WriteNumber("stopped", effect.Stopped);
                            writer.WriteNumber("benign", effect.Benign);
                            writer.WriteNumber("untouched", effect.Untouched);
                            writer.WriteNumber("approvalsPerSession", effect.ApprovalsPerSession);
                            if (effect.Granted is { } granted)
                            {
                                writer.WriteStartObject("granted");
                                writer.WriteNumber("stopped", granted.Stopped);
                                writer.WriteNumber("untouched", granted.Untouched);
                                writer.WriteEndObject();
                            }
                            writer.WriteEndObject();
                        });
                    writer.WriteEndArray();
                });
            });
            Map("PUT", "/v1/policy/preset", OperatorRole.Author, async (context, actor) =>
            {
                long? expected = null;
                if (context.Request.Headers.IfMatch.ToString().Trim('"') is { Length: > 0 } match)
                    expected = long.TryParse(match, System.Globalization.CultureInfo.InvariantCulture, out var revision) ? revision : throw new RefusedException(412, "policy-changed", "`If-Match` names no revision");
                using var body = await RequestBody.ReadAsync(context, limits);
                var fields = new JsonFields(body.RootElement);
                await WritePolicyAsync(context, await actions.UsePresetAsync(actor, fields.String("preset"), expected, fields.OptionalString("comment"), context.RequestAborted));
            });
        }

        // The serializer's null checks do not reach into lists.
        static bool HoldsNull(RuleDocument rule) => rule.Agents.Concat(rule.Tools).Concat(rule.Tags).Concat(rule.Labels)
            .Concat(rule.Session.All).Concat(rule.Session.Any).Concat(rule.Session.None).Any(text => text is null);

        static Task WritePolicyAsync(HttpContext context, CompiledPolicy policy)
        {
            context.Response.Headers.ETag = $"\"{policy.Revision}\"";
            return Answer.JsonAsync(context, 200, writer =>
            {
                writer.WriteNumber("revision", policy.Revision);
                writer.WriteStartArray("rules");
                foreach (var rule in policy.Document.Rules) JsonSerializer.Serialize(writer, rule, PolicyJson.Default.RuleDocument);
                writer.WriteEndArray();
            });
        }

        void Approvals()
        {
            Map("GET", "/v1/approvals", OperatorRole.Operator, (context, _) => Answer.JsonAsync(context, 200, writer =>
            {
                writer.WriteStartArray("items");
                foreach (var approval in actions.PendingApprovals())
                    Object(writer, () =>
                    {
                        writer.WriteString("id", approval.Id);
                        writer.WriteString("decisionId", approval.DecisionId);
                        writer.WriteString("agent", approval.Session.Agent);
                        writer.WriteString("session", approval.Session.Id);
                        writer.WriteString("tool", approval.Tool);
                        writer.WriteString("message", approval.Message);
                        Answer.Instant(writer, "askedAt", approval.AskedAt);
                        Answer.Instant(writer, "expiresAt", approval.ExpiresAt);
                    });
                writer.WriteEndArray();
            }));
            Map("POST", "/v1/approvals/{id}", OperatorRole.Operator, async (context, actor) =>
            {
                using var body = await RequestBody.ReadAsync(context, limits);
                var fields = new JsonFields(body.RootElement);
                var approve = fields.String("decision") switch
                {
                    "approve" => true,
                    "reject" => false,
                    _ => throw JsonFields.BadValue("/decision", "write `approve` or `reject`"),
                };
                await actions.AnswerApprovalAsync(actor, Route(context, "id"), approve, fields.OptionalString("reason"), context.RequestAborted);
                context.Response.StatusCode = 204;
            });
        }

        void Map(string method, string path, OperatorRole role, Func<HttpContext, Operator, Task> handle) =>
            app.MapMethods(path, [method], (RequestDelegate)(context => handle(context, callers.Operator(context, role))));

        AgentDefinition FindAgent(HttpContext context) => control.Current.Agents.GetValueOrDefault(Route(context, "agent")) ?? throw new RefusedException(404, "no-such-agent", "there is no such agent");
    }

    private static string Route(HttpContext context, string name) => PathText.Of(context, name);

    private static T? Word<T>(JsonFields fields, string name, Func<T, string> wordOf) where T : struct, Enum
    {
        if (fields.OptionalString(name) is not { } word) return null;
        return Wire.Parse(word, wordOf) ?? throw JsonFields.BadValue($"/{name}", $"write one of {string.Join(", ", Enum.GetValues<T>().Select(v => $"`{wordOf(v)}`"))}");
    }

    private static ToolTag ReadTag(JsonElement item, string at)
    {
        if (item.ValueKind == JsonValueKind.Object)
        {
            var fields = new JsonFields(item, at);
            return new(fields.String("name"), fields.OptionalString("whenArgument"));
        }
        return new(JsonFields.Text(item, at));
    }

    private static void Object(Utf8JsonWriter writer, Action members)
    {
        writer.WriteStartObject();
        members();
        writer.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter writer, string name, IReadOnlyList<string> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items) writer.WriteStringValue(item);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, AgentDefinition agent)
    {
        writer.WriteString("id", agent.Id);
        writer.WriteString("name", agent.Name);
        writer.WriteString("description", agent.Description);
        writer.WriteString("owner", agent.Owner);
        writer.WriteString("defaultDecision", Wire.Word(agent.DefaultDecision));
        writer.WriteString("unclassifiedTools", Wire.Word(agent.UnclassifiedTools));
        Strings(writer, "tags", agent.Tags);
        Strings(writer, "trustedDestinations", agent.TrustedDestinations);
        Answer.Instant(writer, "createdAt", agent.CreatedAt);
    }

    private static void Write(Utf8JsonWriter writer, ToolDefinition tool, Switch? disabled)
    {
        writer.WriteString("name", tool.Name);
        writer.WriteString("description", tool.Description);
        writer.WriteBoolean("classified", tool.IsClassified);
        writer.WriteStartArray("tags");
        foreach (var tag in tool.Tags)
            if (tag.WhenArgument is null) writer.WriteStringValue(tag.Name);
            else
                Object(writer, () =>
                {
                    writer.WriteString("name", tag.Name);
                    writer.WriteString("whenArgument", tag.WhenArgument);
                });
        writer.WriteEndArray();
        Strings(writer, "destinations", tool.Destinations);
        Strings(writer, "freeText", tool.FreeText);
        Strings(writer, "resultMetadata", tool.ResultMetadata);
        if (tool.Fingerprint is not null) writer.WriteString("fingerprint", tool.Fingerprint);
        if (tool.Classification is { } classified)
        {
            writer.WriteString("classifiedBy", classified.By);
            Answer.Instant(writer, "classifiedAt", classified.At);
            writer.WriteBoolean("changedSinceClassified", tool.ChangedSinceClassified);
        }
        if (tool.Knowledge.Schema is { } schema)
        {
            writer.WritePropertyName("schema");
            writer.WriteRawValue(schema);
        }
        if (tool.Knowledge.SchemaTooLarge) writer.WriteBoolean("schemaTooLarge", value: true);
        Observed("observedArguments", tool.Knowledge.Arguments);
        Observed("observedResultFields", tool.Knowledge.ResultFields);
        Answer.Instant(writer, "firstSeenAt", tool.FirstSeenAt);
        if (disabled is null) return;
        writer.WriteStartObject("disabled");
        writer.WriteString("actor", disabled.Actor);
        writer.WriteString("reason", disabled.Reason);
        Answer.Instant(writer, "since", disabled.Since);
        Answer.Instant(writer, "until", disabled.Until);
        writer.WriteEndObject();

        void Observed(string name, ImmutableArray<ObservedField> fields)
        {
            writer.WriteStartArray(name);
            foreach (var field in fields)
                Object(writer, () =>
                {
                    writer.WriteString("name", field.Name);
                    writer.WriteString("kind", Wire.Word(field.Kind));
                    writer.WriteNumber("seen", field.Seen);
                    writer.WriteBoolean("longText", field.IsLong);
                });
            writer.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter writer, ToolSuggestions suggestions)
    {
        writer.WriteStartObject("suggestions");
        writer.WriteStartArray("tags");
        foreach (var tag in suggestions.Tags)
            Object(writer, () =>
            {
                writer.WriteString("name", tag.Name);
                if (tag.WhenArgument is not null) writer.WriteString("whenArgument", tag.WhenArgument);
                writer.WriteString("reason", tag.Reason);
            });
        writer.WriteEndArray();
        Names("destinations", suggestions.Destinations);
        Names("freeText", suggestions.FreeText);
        Names("resultMetadata", suggestions.ResultMetadata);
        writer.WriteEndObject();

        void Names(string name, ImmutableArray<SuggestedName> names)
        {
            writer.WriteStartArray(name);
            foreach (var found in names)
                Object(writer, () =>
                {
                    writer.WriteString("name", found.Name);
                    writer.WriteString("reason", found.Reason);
                });
            writer.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter writer, AllowedCall call) => Object(writer, () =>
    {
        writer.WriteString("decisionId", call.DecisionId);
        writer.WriteString("agent", call.Agent);
        writer.WriteString("session", call.Session);
        writer.WriteString("tool", call.Tool);
        Answer.Instant(writer, "at", call.At);
    });
}
