/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell.h - the parts of ipfwadm-shell.
 *
 * The shell is one thread with one state, struct shell.  It knows the language, the
 * terminal, the history and the edits that are staged.  Rules in force are known to the
 * engine alone, a process that the shell starts and asks (engine_wire.h).
 *
 * A line goes through shell_lines.c: it is split into words, then it is an edit, a
 * command of the shell, or words for the engine.  Edits are collected in a batch, which
 * is committed or, in a transaction, staged.
 */
#ifndef IPFWADM_SHELL_H
#define IPFWADM_SHELL_H

#include <stdio.h>
#include <sys/types.h>

#include "ipfwadm/engine/engine_wire.h"
#include "parser/command.h"

/* exit statuses, those of app.h */
enum { SHELL_OK = 0, SHELL_FAILED = 1, SHELL_USAGE = 2, SHELL_INTERRUPTED = 130 };

/* the connection to the engine */
struct client {
	char **argv;		/* how it is started; not owned */
	pid_t pid;
	int fd;			/* -1: not running */
	bool greeted;
	struct engine_wire in, out;
};

/* a rule set that undo or redo puts in force */
struct past {
	json_t *text;		/* saved form with counters */
	char state[ENGINE_STATE_SIZE];	/* of the rules that it would replace */
};

#define PASTS 64

struct pasts {
	struct past item[PASTS];
	unsigned int count;
};

/* edits that are not in force */
struct transaction {
	json_t *edits;		/* NULL: there is none */
	json_t *typed;		/* of each edit: [text of the line, number of the line] */
	char base[ENGINE_STATE_SIZE];	/* the state of the rules when it began */
};

struct shell {
	struct client client;
	char *backend, *netns;	/* from the engine; malloc'ed, may be NULL */
	bool interactive;	/* stdin and stdout are terminals */
	bool color, keep_going;
	bool quit;
	bool is_quit_asked;	/* `quit' was said once since edits were staged */
	unsigned int depth;	/* of `source' */

	struct transaction staged;
	bool is_committing;	/* the engine has not yet answered a commit */
	struct transaction unconfirmed;	/* of the commit that waits for `confirm' */
	long long deadline;	/* when it is taken back: ms of CLOCK_MONOTONIC */
	char shown[ENGINE_STATE_SIZE];	/* the state in which numbers were seen, or "" */
	struct pasts undo, redo;
	unsigned int lines;	/* staged so far, for undo of one */
};

/* the words of a line; the first one is the name of a command */
struct words {
	char **text;		/* malloc'ed */
	struct loc *loc;	/* in the source */
	unsigned int count;
};

/* a line of a source; source.text holds all lines */
struct line {
	const struct source *source;
	unsigned int begin, end;	/* bytes */
	bool is_matched;	/* ended by "| match TEXT", which is cut off */
	struct words words;
};

struct shell_command {
	const char *name;
	int (*run)(struct shell *sh, const struct line *line);
	bool is_alone;		/* takes no words */
};

/* Calls visit for each name that a line may begin with. */
void shell_command_names(void (*visit)(void *ctx, const char *name), void *ctx);
const struct shell_command *shell_command_find(const char *name);
bool shell_subcommand_known(const char *name);	/* the engine carries it out */

/* shell_report.c: messages */
/* Reports a mistake with a caret; returns SHELL_USAGE. */
int shell_line_refuse(struct shell *sh, const struct source *source, struct loc loc,
		      const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* Reads a whole file, for source_free(); 0, or a status after a message. */
int shell_file_read(const char *name, struct source *source);
const char *shell_answer_text(const json_t *answer, const char *name);	/* or "" */
int shell_answer_status(const json_t *answer);	/* SHELL_FAILED if it is NULL */
/* Reports the error of an answer, if it has one. */
void shell_answer_report(const json_t *answer);

/*
 * shell_client.c: the engine.  shell_client_call() frees request and returns the answer, or
 * NULL when the engine is lost, which it reports.  shell_client_receive() reads notices.
 */
int shell_client_start(struct shell *sh);
void shell_client_stop(struct client *c);
json_t *shell_client_call(struct shell *sh, json_t *request);
/* The same, with a report: returns the status.  Caller frees *answer, which may be NULL. */
int shell_client_ask(struct shell *sh, json_t *request, json_t **answer);
void shell_client_receive(struct shell *sh);

/* shell_lines.c: carries out lines from offset *at on, and moves it */
int shell_lines_run(struct shell *sh, const struct source *source, unsigned int *at);
int shell_source_run(struct shell *sh, const char *name);

/* shell_edits.c: edits of consecutive lines, until they are committed or staged */
struct batch {
	json_t *edits;
	unsigned int *line;	/* of each edit the line: begin, end; malloc'ed */
	size_t room;
	bool numbers;		/* an edit names a rule by its number */
};
void shell_batch_free(struct batch *b);
/* Reads a line of edits into the batch; 0 or a status. */
int shell_batch_add(struct batch *b, const struct line *line, const struct program *p);
int shell_batch_add_numbered(struct shell *sh, struct batch *b, const struct line *line);
/* An edit that replaces all rules by text of length bytes. */
int shell_batch_add_load(struct batch *b, const struct line *line, const char *text,
			 size_t length);
extern const char *const shell_numbered_names[];	/* insert, delete ...; ends with NULL */
bool shell_numbered_command(const char *name);
/* Commits the edits, or stages them; the batch is empty afterwards. */
int shell_batch_flush(struct shell *sh, struct batch *b, const struct source *source);

/* shell_transaction.c */
int shell_begin_run(struct shell *sh, const struct line *line);
int shell_commit_run(struct shell *sh, const struct line *line);
int shell_abort_run(struct shell *sh, const struct line *line);
int shell_confirm_run(struct shell *sh, const struct line *line);
int shell_revert_run(struct shell *sh, const struct line *line);
int shell_undo_run(struct shell *sh, const struct line *line);
int shell_redo_run(struct shell *sh, const struct line *line);
/* At the end of the shell: what is staged or unconfirmed is taken back. */
void shell_transactions_end(struct shell *sh);
void shell_transaction_free(struct transaction *t);
long long shell_now_ms(void);	/* of CLOCK_MONOTONIC */
/* After a commit: records the rules before for undo. */
void shell_undo_record(struct shell *sh, const json_t *answer);
/* The unconfirmed commit is taken back: its edits are staged again. */
void shell_unconfirmed_restage(struct shell *sh);

/* other commands, each in the file of its name; show: shell_rules.c */
int shell_show_run(struct shell *sh, const struct line *line);
int shell_diff_run(struct shell *sh, const struct line *line);
/* On a terminal: how many lines were added and removed since those rules. */
void shell_change_print(struct shell *sh, const json_t *before);
int shell_load_run(struct shell *sh, const struct line *line);
int shell_watch_run(struct shell *sh, const struct line *line);
int shell_history_run(struct shell *sh, const struct line *line);

/* shell_page.c: output of commands, on a terminal a screen at a time or to $PAGER */
void shell_page_begin(struct shell *sh);
bool shell_page_write(const char *bytes, size_t n);	/* false: no more is wanted */
void shell_page_end(void);
/* Of what is written only lines with the text, malloc'ed, are printed; NULL: all are. */
void shell_page_match(char *text);

/* shell_signal.c */
void shell_signals_catch(void);
bool shell_interrupted(void);		/* Ctrl-C since the last shell_interrupted_clear() */
void shell_interrupted_clear(void);
bool shell_hung_up(void);		/* SIGHUP or SIGTERM came */
int shell_interrupt_fd(void);		/* readable after a signal */

/* shell_prompt.c: the terminal */
int shell_prompt_run(struct shell *sh);

/* shell_complete.c: completion, for readline */
void shell_complete_init(struct shell *sh);

/* shell_hint.c: the hint after the cursor */
void shell_hint_init(struct shell *sh);
void shell_hint_prompt(const char *prompt);
void shell_hint_clear(void);

/* shell_input.c: the terminal's bytes, and pasted lines among them */
void shell_input_init(void);
bool shell_input_waiting(void);	/* bytes that were read and not used */
/* Returns the line with pasted text instead of its placeholders; caller frees. */
char *shell_input_expand(const char *line);
void shell_input_forget(void);

/* shell_history.c: lines of former sessions */
/* Reads the file; without a folder of our own there is none. */
void shell_history_load(void);
/* Adds a line to this session's history and to the file. */
void shell_history_record(const char *line);

/* shell_manual.c: topics of the manuals, whose text is linked in */
/*
 * Prints the text of an option ("-P", "--state"), a command ("trace", "begin") or a
 * section.  False: the manuals have no such topic.
 */
bool shell_manual_show(FILE *out, const char *topic);
/* Calls visit for each option and command, with the head of its text. */
void shell_manual_topics(void (*visit)(void *ctx, const char *topic, const char *head),
			 void *ctx);
/* The first sentence about a topic, without its full stop; false: none. */
bool shell_manual_brief(const char *topic, char *buf, size_t size);

/* shell_rules.c: rules of the engine */
struct rules {			/* a parsed saved form */
	struct program program;
	unsigned int *rule[FW_LISTS];	/* indices of edits */
	unsigned int count[FW_LISTS];
	__u32 policy[FW_LISTS];
};
/* Returns 0 or -errno, after a message if the text is wrong; text: engine_wire_text(). */
int shell_rules_read(struct rules *r, const json_t *text);
void shell_rules_free(struct rules *r);
/* Returns rule number (from 1) of a list. */
const struct fw_rule *shell_rules_rule(const struct rules *r, enum fw_list_id list,
				       unsigned int number);
/* Asks for the rules with the staged edits; NULL after a message. */
json_t *shell_rules_ask(struct shell *sh);
/* Returns their text: of the staged rules if edits are staged. */
const json_t *shell_rules_text(const json_t *answer);

#endif
