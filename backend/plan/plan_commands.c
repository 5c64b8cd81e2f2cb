// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_commands.c - the commands of a plan's rules as comments.
 */
#include "backend/plan/plan_commands.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plan/plan_build.h"
#include "kmod/core/names.h"

#define XTABLES_COMMENT_MAX 255
#define NUMBER_MAX 13 /* bytes of " #-2147483648" */
#define PIECE_HEAD 12 /* bytes of "key.number " */

const char *plan_commands_chain(enum plan_target target)
{
	return target == PLAN_NFT ? "commands" : "ipfw-commands";
}

const char *plan_settings_chain(enum plan_target target)
{
	return target == PLAN_NFT ? PLAN_LOCAL_OUTPUT : "ipfw-broken";
}

static size_t comment_max(enum plan_target target)
{
	return target == PLAN_NFT ? RULE_TAG_COMMENT_MAX : XTABLES_COMMENT_MAX;
}

size_t plan_command_room(enum plan_target target, const struct fw_rule *r)
{
	return target == PLAN_NFT ? rule_tag_comment_room(r)
				  : XTABLES_COMMENT_MAX - rule_tag_size(r);
}

static __u32 command_key(const char *command)
{
	__u32 hash = 2166136261u;

	for (; *command; command++)
		hash = (hash ^ (__u8)*command) * 16777619u;
	return hash;
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 127;
}

/* Where a comment ends with "..." and a key, NULL if it does not. */
static const char *cut_find(const char *comment, size_t len)
{
	const size_t size = strlen(PLAN_COMMAND_CUT) + PLAN_COMMAND_KEY;
	const char *cut = comment + len - size;
	size_t i;

	if (len < size || strncmp(cut, PLAN_COMMAND_CUT, strlen(PLAN_COMMAND_CUT)) != 0)
		return NULL;
	for (i = strlen(PLAN_COMMAND_CUT); i < size; i++)
		if (!isxdigit((unsigned char)cut[i]))
			return NULL;
	return cut;
}

/* nft writes ' for ", which it cannot have in a comment. */
static bool command_is_whole(enum plan_target target, const char *command, size_t room)
{
	const char *c;

	if (strlen(command) > room || cut_find(command, strlen(command)))
		return false;
	for (c = command; *c; c++)
		if (is_control(*c) || (target == PLAN_NFT && (*c == '\'' || *c == '\\')))
			return false;
	return true;
}

static size_t command_room(enum plan_target target, enum fw_list_id list,
			   const struct fw_rule *r)
{
	return plan_command_room(target, r) - (list == FW_ACCT ? NUMBER_MAX : 0);
}

size_t plan_text_fit(const char *text, size_t max)
{
	size_t n = strnlen(text, max + 1);

	if (n <= max)
		return n;
	for (n = max; n > 0 && (text[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

void plan_command_write(struct fw_text *t, enum plan_target target, enum fw_list_id list,
			const struct fw_rule *r, const char *command, __s64 number)
{
	size_t room = command_room(target, list, r), i, n;
	bool whole = command_is_whole(target, command, room);
	char end[32];

	n = whole ? strlen(command)
		  : plan_text_fit(command, room - strlen(PLAN_COMMAND_CUT) - PLAN_COMMAND_KEY);
	for (i = 0; i < n; i++) {
		if (is_control(command[i]))
			fw_text_char(t, '?');
		else
			fw_text_char(t, target == PLAN_NFT && command[i] == '"'
						? '\''
						: command[i]);
	}
	if (!whole) {
		snprintf(end, sizeof(end), PLAN_COMMAND_CUT "%08x", command_key(command));
		fw_text_str(t, end);
	}
	if (list == FW_ACCT) {
		snprintf(end, sizeof(end), " #%lld", (long long)number);
		fw_text_str(t, end);
	}
}

/* Bytes that a comment, or nft's text, may change are written as %xx. */
static void command_encode(struct fw_text *t, const char *command)
{
	char byte[4];

	for (; *command; command++) {
		if (!is_control(*command) && !(*command & 0x80) &&
		    !strchr("%\"'\\", *command)) {
			fw_text_char(t, *command);
			continue;
		}
		snprintf(byte, sizeof(byte), "%%%02x", (unsigned char)*command);
		fw_text_str(t, byte);
	}
}

static void piece_add(struct plan *p, struct plan_chain *c, const char *comment)
{
	static const struct plan_action action = {.type = PLAN_A_RETURN};

	plan_rule_add(p, c, NULL, 0, &action, 1)->comment = comment;
}

/* The chain of comments that have no rule, or no room there; made when it is needed. */
static struct plan_chain *pieces_chain(struct plan *p)
{
	const char *name = plan_commands_chain(p->target);
	struct plan_chain *c = p->chains;

	while (c && strcmp(c->name, name) != 0)
		c = c->next;
	return c ? c : plan_chain_add(p, p->target == PLAN_NFT ? NULL : "mangle", name);
}

static struct plan_chain *command_add(struct plan *p, struct plan_chain *c,
				      const char *command)
{
	const size_t max = comment_max(p->target) - PIECE_HEAD;
	char encoded[3 * PLAN_COMMAND_MAX];
	struct fw_text t;
	size_t at;

	fw_text_init(&t, encoded, sizeof(encoded));
	command_encode(&t, command);
	if (!c)
		c = pieces_chain(p);
	for (at = 0; at < t.len; at += max)
		piece_add(p, c,
			  plan_text(p, "%08x.%02u %.*s", command_key(command),
				    (unsigned int)(at / max), (int)max, encoded + at));
	return c;
}

bool plan_command_fits(enum plan_target target, enum fw_list_id list,
		       const struct fw_rule *r, plan_describe_fn describe)
{
	char command[PLAN_COMMAND_MAX];
	struct fw_text t;

	if (!describe)
		return true;
	fw_text_init(&t, command, sizeof(command));
	describe(&t, list, r);
	return command_is_whole(target, command, command_room(target, list, r));
}

static void commands_add(struct plan *p, const struct fw_ruleset *rs,
			 plan_describe_fn describe)
{
	char command[PLAN_COMMAND_MAX];
	struct plan_chain *c = NULL;
	const struct fw_rule *r;
	struct fw_text t;
	__u32 list, i;

	for (list = 0; list < FW_LISTS; list++) {
		for (i = 0; i < rs->list[list].count; i++) {
			r = fw_list_rule(&rs->list[list], i);
			fw_text_init(&t, command, sizeof(command));
			describe(&t, list, r);
			if (!command_is_whole(p->target, command,
					      command_room(p->target, list, r)))
				c = command_add(p, c, command);
		}
	}
}

static void settings_add(struct plan *p, const struct fw_ruleset *rs)
{
	struct plan_chain *c = p->chains;
	const struct fw_timeouts *t = &rs->timeouts;

	while (c && strcmp(c->name, plan_settings_chain(p->target)) != 0)
		c = c->next;
	if (!c || !c->rules)
		return;
	c->rules->comment = plan_text(
		p, "settings: -I -p %s -F -p %s -O -p %s -M -s %u %u %u marks %#x/%u",
		fw_policy_name(rs->list[FW_INPUT].policy),
		fw_policy_name(rs->list[FW_FORWARD].policy),
		fw_policy_name(rs->list[FW_OUTPUT].policy), t->tcp, t->tcpfin, t->udp,
		p->mark_mask, p->needs);
	if (p->log_group)
		c->rules->comment = plan_text(p, "%s log-group %u", c->rules->comment,
					      p->log_group);
}

static void forwards_add(struct plan *p, const struct fw_ruleset *rs,
			 const struct ruleset_format *format)
{
	char command[PLAN_COMMAND_MAX];
	struct plan_chain *c;
	struct plan_rule *r;
	struct fw_text t;
	__u32 i;

	for (i = 0; i < rs->portfw.count; i++) {
		if (!rs->portfw.entry[i].helper)
			continue;
		fw_text_init(&t, command, sizeof(command));
		format->describe_forward(&t, &rs->portfw.entry[i]);
		piece_add(p, pieces_chain(p), plan_text(p, "%s", command));
	}
	for (c = rs->portfw.count ? p->chains : NULL; c; c = c->next) {
		for (r = c->rules; r; r = r->next) {
			if (plan_rule_forward(r) < 0)
				continue;
			fw_text_init(&t, command, sizeof(command));
			format->describe_forward(&t, &rs->portfw.entry[plan_rule_forward(r)]);
			r->comment = plan_text(p, "%s", command);
		}
	}
}

int plan_commands_add(struct plan *p, const struct fw_ruleset *rs,
		      const struct ruleset_format *format)
{
	jmp_buf no_memory;

	if (setjmp(no_memory))
		return -ENOMEM;
	plan_resume(p, &no_memory);
	settings_add(p, rs);
	forwards_add(p, rs, format);
	commands_add(p, rs, format->describe);
	return 0;
}

static bool policy_read(__u32 *policy, const char *name)
{
	static const __u32 policies[] = {FW_POLICY_ACCEPT, FW_POLICY_DENY,
					 FW_POLICY_REJECT, FW_POLICY_MASQ};
	unsigned int i;

	for (i = 0; i < FW_COUNT(policies); i++) {
		if (!strcmp(fw_policy_name(policies[i]), name)) {
			*policy = policies[i];
			return true;
		}
	}
	return false;
}

bool plan_settings_read(struct rule_settings *s, const char *comment)
{
	char input[16], forward[16], output[16];
	int end = 0, more = 0;

	*s = (struct rule_settings){.policy[FW_ACCT] = FW_POLICY_ACCEPT};
	if (sscanf(comment,
		   "settings: -I -p %15s -F -p %15s -O -p %15s -M -s %u %u %u "
		   "marks %x/%u%n",
		   input, forward, output, &s->timeouts.tcp, &s->timeouts.tcpfin,
		   &s->timeouts.udp, &s->mark_mask, &s->needs, &end) != 8)
		return false;
	if (sscanf(comment + end, " log-group %hu%n", &s->log_group, &more) == 1)
		end += more;
	return !comment[end] && policy_read(&s->policy[FW_INPUT], input) &&
	       policy_read(&s->policy[FW_FORWARD], forward) &&
	       policy_read(&s->policy[FW_OUTPUT], output) &&
	       plan_mark_mask_valid(s->mark_mask);
}

bool plan_policy_read(struct rule_settings *s, const char *comment)
{
	char letter, policy[16];
	enum fw_list_id list;
	int end = 0;

	if (sscanf(comment, PLAN_POLICY_COMMENT "-%c -p %15s%n", &letter, policy, &end) != 2 ||
	    comment[end])
		return false;
	list = fw_list_by_letter(letter);
	return list < FW_ACCT && policy_read(&s->policy[list], policy);
}

static bool command_decode(char *command, const char *encoded)
{
	unsigned int byte;
	size_t n = 0;

	while (*encoded && n < PLAN_COMMAND_MAX - 1) {
		byte = (__u8)*encoded;
		if (byte == '%' && (sscanf(encoded + 1, "%2x", &byte) != 1 || !byte))
			return false;
		encoded += *encoded == '%' ? 3 : 1;
		command[n++] = (char)byte;
	}
	command[n] = '\0';
	return !*encoded;
}

/* The first piece whose head is not before this one. */
static size_t piece_find(const struct plan_comments *all, const char *head)
{
	size_t begin = 0, end = all->npieces, middle;

	while (begin < end) {
		middle = (begin + end) / 2;
		if (strncmp(all->piece[middle], head, PIECE_HEAD) < 0)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin;
}

/* Puts the pieces of a key together; the result has this key if all are there. */
static bool pieces_join(char *command, const char *key, const struct plan_comments *all)
{
	char encoded[3 * PLAN_COMMAND_MAX] = "", head[PIECE_HEAD + 1];
	unsigned int number;
	struct fw_text t;
	size_t at;

	fw_text_init(&t, encoded, sizeof(encoded));
	for (number = 0; number < 100; number++) {
		snprintf(head, sizeof(head), "%.*s.%02u ", PLAN_COMMAND_KEY, key, number);
		at = piece_find(all, head);
		if (at == all->npieces || strncmp(all->piece[at], head, PIECE_HEAD) != 0)
			break;
		fw_text_str(&t, all->piece[at] + PIECE_HEAD);
	}
	snprintf(head, sizeof(head), "%.*s", PLAN_COMMAND_KEY, key);
	return number && t.len < t.size && command_decode(command, encoded) &&
	       command_key(command) == strtoul(head, NULL, 16);
}

int plan_command_read(char *command, enum fw_list_id *list, __s64 *number,
		      enum plan_target target, const char *comment,
		      const struct plan_comments *all)
{
	size_t len = strlen(comment), i;
	const char *end, *cut;
	char *rest;

	*number = 0;
	*list = comment[0] == '-' ? fw_list_by_letter(comment[1]) : FW_LISTS;
	if (*list == FW_LISTS || comment[2] != ' ')
		return 0;
	if (*list == FW_ACCT) {
		end = strrchr(comment, '#');
		*number = end ? strtoll(end + 1, &rest, 10) : 0;
		if (!end || end == comment || end[-1] != ' ' || rest == end + 1 || *rest)
			return -EINVAL;
		len = (size_t)(end - 1 - comment);
	}
	if (len >= PLAN_COMMAND_MAX)
		return -EINVAL;
	cut = cut_find(comment, len);
	if (cut)
		return pieces_join(command, cut + strlen(PLAN_COMMAND_CUT), all)
			       ? 1
			       : -EINVAL;
	for (i = 0; i < len; i++)
		command[i] = target == PLAN_NFT && comment[i] == '\'' ? '"' : comment[i];
	command[len] = '\0';
	return 1;
}
