using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AgentMonitor.Web.Storage.Migrations
{
    /// <inheritdoc />
    public partial class SessionOrigins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "session_origins",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    agent = table.Column<string>(type: "TEXT", nullable: false),
                    session = table.Column<string>(type: "TEXT", nullable: false),
                    source = table.Column<string>(type: "TEXT", nullable: false),
                    overflowed = table.Column<bool>(type: "INTEGER", nullable: false),
                    entries = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_session_origins", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_session_origins_session",
                table: "session_origins",
                columns: new[] { "agent", "session", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "session_origins");
        }
    }
}
