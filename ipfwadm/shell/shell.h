/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell.h - the parts of ipfwadm-shell.
 *
 * The shell knows the language, the terminal, and what has been staged; what is
 * in force only the engine knows (engine.h).  It is one thread with one state.
 */
#ifndef IPFWADM_SHELL_H
#define IPFWADM_SHELL_H

#include <stdio.h>
#include <sys/types.h>

#include "ipfwadm/engine/engine.h"
#include "parser/command.h"

/* exit statuses, those of app.h */
enum { SHELL_OK = 0, SHELL_FAILED = 1, SHELL_USAGE = 2, SHELL_INTERRUPTED = 130 };

/* what the engine is and says */
struct client {
	char **argv;		/* how it is started; not ours */
	pid_t pid;
	int fd;			/* -1: not running */
	bool greeted;
	struct wire in, out;
};

/* a rule set to go back to */
struct past {
	char *text;		/* saved form with counters, malloc'ed */
	char state[24];		/* of the rules that it would replace */
};

#define PASTS 64

struct pasts {
	struct past item[PASTS];
	unsigned int count;
};

struct shell {
	struct client client;
	char *backend, *netns;	/* as the engine tells; malloc'ed, may be NULL */
	bool interactive;	/* somebody sits there */
	bool color, keep_going;
	bool quit;
	unsigned int depth;	/* of `source' */

	/* the transaction: NULL, or an array of edits, and each as it was typed */
	json_t *staged, *typed;	/* [text, number of the line] */
	char base[24];		/* the state it began with */
	char shown[24];		/* the state in which numbers were seen, or "" */
	bool confirming;	/* the last commit waits for `confirm' */
	struct pasts undo, redo;
	unsigned int lines;	/* staged so far, for undo of one */
};

/* a command of the shell: its words, the first one being its name */
struct words {
	char **text;		/* malloc'ed */
	struct loc *loc;	/* in the source */
	unsigned int count;
};

/* a line of a source; source.text holds all lines */
struct line {
	const struct source *source;
	unsigned int begin, end;	/* bytes */
	struct words words;
};

struct shell_command {
	const char *name;
	int (*run)(struct shell *sh, const struct line *line);
};

/* Calls visit for every word that a line may begin with. */
void command_names(void (*visit)(void *ctx, const char *name), void *ctx);
const struct shell_command *shell_command_find(const char *name);
bool subcommand_known(const char *name);	/* the engine carries it out */

/* shell_client.c: the engine.  NULL: it was lost, which has been told. */
int client_start(struct shell *sh);
void client_stop(struct client *c);
json_t *client_call(struct shell *sh, json_t *request);	/* takes request */
void client_notices(struct shell *sh);	/* hears what it says unasked */
long long answer_status(const json_t *answer);
const char *answer_text(const json_t *answer, const char *name);

/* shell_lines.c: lines, one after the other, from offset *at on */
int lines_run(struct shell *sh, const struct source *source, unsigned int *at);
/* Tells of a mistake with a caret; returns SHELL_USAGE. */
int line_refuse(struct shell *sh, const struct source *source, struct loc loc,
		const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
int source_run(struct shell *sh, const char *name);
/* Reads a file whole into malloc'ed *text with a NUL behind; 0 or a status. */
int file_read(const char *name, char **text, size_t *len);

/* shell_edits.c: edits gathered from lines, until they are committed or staged */
struct batch {
	json_t *edits;
	unsigned int *line;	/* of each, where it stands: begin, end; malloc'ed */
	size_t room;
	bool numbers;		/* some edit names a rule by its number */
};
void batch_free(struct batch *b);
/* Reads a line of edits into the batch; 0 or a status. */
int batch_add(struct batch *b, const struct line *line, const struct program *p);
int batch_add_numbered(struct shell *sh, struct batch *b, const struct line *line);
int batch_add_load(struct batch *b, const struct line *line, const char *text);
extern const char *const numbered_names[];	/* insert, delete ...; ends with NULL */
bool numbered_command(const char *name);
/* Puts the edits in force, or stages them; the batch is empty then. */
int batch_flush(struct shell *sh, struct batch *b, const struct source *source);

/* shell_transaction.c */
int begin_run(struct shell *sh, const struct line *line);
int commit_run(struct shell *sh, const struct line *line);
int abort_run(struct shell *sh, const struct line *line);
int confirm_run(struct shell *sh, const struct line *line);
int revert_run(struct shell *sh, const struct line *line);
int undo_run(struct shell *sh, const struct line *line);
int redo_run(struct shell *sh, const struct line *line);
/* After a commit: what it replaced can be had again. */
void undo_keep(struct shell *sh, const json_t *answer);
void pasts_clear(struct pasts *p);
/* Tells what an answer complains of, if it does. */
void answer_complain(const json_t *answer);

/* shell_show.c */
int show_run(struct shell *sh, const struct line *line);
int diff_run(struct shell *sh, const struct line *line);

/* other commands, each in the file of its name */
int load_command_run(struct shell *sh, const struct line *line);
int watch_run(struct shell *sh, const struct line *line);
int help_command_run(struct shell *sh, const struct line *line);

/* shell_page.c: output of commands, a screen at a time if somebody looks */
void page_begin(struct shell *sh);
bool page_write(const char *bytes, size_t n);	/* false: enough */
void page_end(void);

/* shell_signal.c */
void signals_catch(void);
bool interrupted(void);		/* Ctrl-C since the last interrupted_clear() */
void interrupted_clear(void);
bool hung_up(void);		/* the terminal is gone, or somebody ends us */
int interrupt_fd(void);		/* readable after a signal */

/* shell_prompt.c: the terminal */
int prompt_run(struct shell *sh);

#endif
