import { tool } from "langchain";
import { z } from "zod";

/** What each tool does, in the words of whoever answers for the agent's safety. The agent itself never sees the tags. */
export const CATALOGUE = {
  query_feature_requests: { description: "Lists feature requests that customers filed.", tags: ["untrusted-content"] },
  execute_sql: { description: "Runs a SQL query on the product's database.", tags: ["sensitive-data"] },
  post_comment: { description: "Posts a public comment on a feature request.", tags: ["external-communication"], freeText: ["body"] },
};

/** The agent's three tools, over the database. They know nothing of AgentMonitor. */
export function makeTools(database) {
  return [
    tool(({ status, id }) => database.query("SELECT id, title, body, author, votes, status FROM feature_requests WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR id = ?2)", [status ?? null, id ?? null]), {
      name: "query_feature_requests",
      description: CATALOGUE.query_feature_requests.description,
      schema: z.object({ status: z.enum(["backlog", "triage", "done"]).optional(), id: z.number().int().optional() }),
    }),
    tool(({ sql }) => database.query(sql), {
      name: "execute_sql",
      description: CATALOGUE.execute_sql.description,
      schema: z.object({ sql: z.string() }),
    }),
    tool(
      ({ request_id, body }) => {
        database.query("INSERT INTO comments (request_id, body) VALUES (?, ?)", [request_id, body]);
        return `Comment posted on request ${request_id}.`;
      },
      {
        name: "post_comment",
        description: CATALOGUE.post_comment.description,
        schema: z.object({ request_id: z.number().int(), body: z.string() }),
      },
    ),
  ];
}
