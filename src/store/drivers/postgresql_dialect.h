/* Where PostgreSQL reads the schema's SQL otherwise than SQLite does. */
#pragma once

/* Writes a script in PostgreSQL's words; the caller frees it.  Returns 0 or -ENOMEM. */
int postgresql_translate(const char *sql, char **ret_sql);
