// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shell_values.c - the list of choices, and arguments of options: candidates of the
 * parser, except for interfaces and numbers of rules, which only the engine knows.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ipfwadm/shell/shell_choices.h"
#include "kmod/core/names.h"
#include "parser/print.h"

void shell_choices_free(struct choices *c)
{
	for (unsigned int i = 0; i < c->count; i++) {
		free(c->item[i].word);
		free(c->item[i].about);
	}
	free(c->item);
	*c = (struct choices){ .count = 0 };
}

static bool room_make(struct choices *c)
{
	unsigned int room = 2 * c->room + 32;
	struct choice *more;

	if (c->count < c->room)
		return true;
	more = realloc(c->item, room * sizeof(*more));
	if (!more)
		return false;
	c->item = more;
	c->room = room;
	return true;
}

void shell_choices_add(struct choices *c, const char *word, const char *format, ...)
{
	struct choice choice = { .word = NULL };
	const char *typed = c->word + c->fixed;
	va_list args;

	if (strncmp(word, typed, strlen(typed)) != 0 || !room_make(c))
		return;
	va_start(args, format);
	if (vasprintf(&choice.about, format, args) < 0)
		choice.about = NULL;
	va_end(args);
	if (asprintf(&choice.word, "%.*s%s", (int)c->fixed, c->word, word) < 0)
		choice.word = NULL;
	if (choice.word && choice.about) {
		c->item[c->count++] = choice;
	} else {
		free(choice.word);
		free(choice.about);
	}
}

/* adapter: the parser's candidates become choices */
struct values {
	struct candidates candidates;
	struct choices *choices;
	unsigned int begin;	/* of the argument in the word at the cursor */
};

static void value_add(struct candidates *candidates, const char *word, const char *about)
{
	struct values *v = (struct values *)candidates;

	v->choices->fixed = v->begin + (unsigned int)candidates->fixed;
	shell_choices_add(v->choices, word, "%s", about);
}

static void values_begin(struct values *v, struct choices *c)
{
	*v = (struct values){
		.candidates = { .add = value_add, .typed = c->word + c->fixed,
				.quick = c->quick },
		.choices = c,
		.begin = c->fixed,
	};
}

/* The hint needs these even if there was no candidate. */
static void values_end(const struct values *v)
{
	v->choices->fixed = v->begin + (unsigned int)v->candidates.fixed;
	v->choices->open = v->candidates.open;
}

void shell_choices_words(struct choices *c, const char *const *words)
{
	struct values v;

	values_begin(&v, c);
	candidates_words(&v.candidates, words);
	values_end(&v);
}

void shell_choices_interfaces(struct choices *c, struct shell *sh, bool addresses)
{
	json_t *answer, *interface;
	size_t i;

	c->open = addresses ? "ADDRESS" : "INTERFACE";
	if (c->quick)
		return;
	answer = shell_client_call(sh, json_pack("{s:s}", "do", "about"));
	json_array_foreach(json_object_get(answer, "interfaces"), i, interface) {
		const char *name = shell_answer_text(interface, "name");
		const char *address = shell_answer_text(interface, "address");

		shell_choices_add(c, addresses ? address : name, "%s", addresses ? name : address);
	}
	json_decref(answer);
}

void shell_choices_numbers(struct choices *c, struct shell *sh, char list)
{
	struct rules rules;
	json_t *answer;
	enum fw_list_id id = fw_list_by_letter(list);

	c->open = "NUMBER";
	if (c->quick)
		return;
	answer = shell_rules_ask(sh);
	if (answer && id < FW_LISTS && shell_rules_read(&rules, shell_rules_text(answer)) == 0) {
		for (unsigned int i = 1; i <= rules.count[id]; i++) {
			char number[16], buf[PRINT_RULE_MAX];

			print_rule_text(buf, id, shell_rules_rule(&rules, id, i));
			snprintf(number, sizeof(number), "%u", i);
			shell_choices_add(c, number, "%s", buf);
		}
		shell_rules_free(&rules);
	}
	json_decref(answer);
}

void shell_choices_values(struct choices *c, struct shell *sh, const struct expect *x)
{
	struct values v;

	if (x->option->id == 'W' || x->option->id == 'V') {
		shell_choices_interfaces(c, sh, x->option->id == 'V');
		return;
	}
	values_begin(&v, c);
	expect_words(x, &v.candidates);
	values_end(&v);
}
