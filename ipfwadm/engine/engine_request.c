// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine_request.c - a request of the shell, in a worker.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/engine/engine.h"
#include "ipfwadm/format/counters.h"
#include "ipfwadm/format/findings.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/saved.h"
#include "parser/command.h"

#define NETNS_NAMES "/run/netns"	/* where `ip netns' keeps them */

struct job {
	struct app *app;
	const json_t *request;
	struct backend backend;
	struct fw_ruleset now, then;	/* in force, and to be in force */
	char state[ENGINE_STATE_SIZE];	/* of now */
	struct fw_error e;
	json_t *answer;
};

static int failed(struct job *j, int status)
{
	for (char *p = j->e.text; *p; p++)
		if (*p & 0x80)	/* it may be cut inside of a character */
			*p = '?';
	json_object_set_new(j->answer, "error", json_string(j->e.text));
	return status;
}

static int failed_memory(struct job *j)
{
	fw_error_set(&j->e, ENOMEM, "out of memory");
	return failed(j, STATUS_FAILED);
}

/* a digest of all rules without their counters */
static int state_of(const struct fw_ruleset *rs, char state[ENGINE_STATE_SIZE])
{
	uint64_t h = 14695981039346656037u;
	size_t len;
	char *text;
	int err = saved_text(rs, NULL, SAVED_NO_COUNTERS, &text, &len);

	if (err)
		return err;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 1099511628211u;
	free(text);
	snprintf(state, ENGINE_STATE_SIZE, "%016" PRIx64, h);
	return 0;
}

/* Adds rules in saved form to the answer. */
static int text_add(struct job *j, const char *name, const struct fw_ruleset *rs)
{
	size_t len;
	char *text;
	int err = saved_text(rs, NULL, SAVED_ALL_COUNTERS, &text, &len);

	if (err)
		return err;
	err = json_object_set_new(j->answer, name, engine_wire_text(text, len)) ? -ENOMEM : 0;
	free(text);
	return err;
}

/* Names and addresses of interfaces, as the backend knows them. */
static void interfaces_add(struct job *j, const char *spec)
{
	struct fw_interfaces ifs = { 0 };
	json_t *list = json_array();
	char address[20];

	if (backend_open(&j->backend, spec, j->app->format, false, &j->e) < 0)
		j->backend.ops = NULL;
	else if (j->backend.ops->interfaces(&j->backend, &ifs, &j->e) < 0)
		ifs.count = 0;
	for (__u32 i = 0; i < ifs.count; i++) {
		const struct fw_dev *dev = &ifs.dev[i];

		snprintf(address, sizeof(address), "%u.%u.%u.%u", dev->addr >> 24,
			 dev->addr >> 16 & 255, dev->addr >> 8 & 255, dev->addr & 255);
		json_array_append_new(list, json_pack("{s:o, s:s}", "name",
						      json_name(dev->name),
						      "address", address));
	}
	free(ifs.dev);
	json_object_set_new(j->answer, "interfaces", list);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* "" in the first network namespace, else its name, or a number if it has none */
static void netns_name(char *buf, size_t size)
{
	const struct dirent *entry;
	struct stat own, st;
	DIR *dir;

	buf[0] = '\0';
	if (stat("/proc/self/ns/net", &own) < 0)
		return;
	dir = opendir(NETNS_NAMES);
	while (dir && !buf[0] && (entry = readdir(dir)))
		if (fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && is_same_file(&own, &st))
			snprintf(buf, size, "%s", entry->d_name);
	if (dir)
		closedir(dir);
	/* without permission to look at process 1 it is not known */
	if (!buf[0] && stat("/proc/1/ns/net", &st) == 0 && !is_same_file(&own, &st))
		snprintf(buf, size, "net:%lu", (unsigned long)own.st_ino);
}

static int about_do(struct job *j)
{
	const char *spec = j->app->backend;
	char netns[300];

	if (!spec)
		spec = backend_choose(NULL, 0, &j->e);
	if (!spec)
		return failed(j, STATUS_FAILED);
	netns_name(netns, sizeof(netns));
	json_object_set_new(j->answer, "backend", json_string(spec));
	json_object_set_new(j->answer, "netns", json_string(netns));
	interfaces_add(j, spec);
	if (json_is_true(json_object_get(j->request, "greets")))
		app_ipv6_warn(j->app, spec);
	return STATUS_OK;
}

/* Opens the backend and reads what is in force. */
static int job_load(struct job *j)
{
	if (app_backend_open(j->app, &j->backend) < 0) {
		j->backend.ops = NULL;
		return STATUS_FAILED;
	}
	if (j->backend.ops->load(&j->backend, &j->now, &j->e) < 0)
		return failed(j, STATUS_FAILED);
	if (state_of(&j->now, j->state) < 0 || fw_ruleset_copy(&j->then, &j->now) < 0)
		return failed_memory(j);
	return STATUS_OK;
}

static int refused(struct job *j)
{
	json_object_set_new(j->answer, "edit", json_integer((json_int_t)j->e.edit));
	return failed(j, STATUS_REFUSED);
}

/* Makes the edits of the request on what is in force. */
static int job_stage(struct job *j)
{
	struct fw_edit *plain;
	size_t nplain;
	int status = job_load(j);

	if (status)
		return status;
	if (engine_edits_apply(json_object_get(j->request, "edits"), &j->then, &plain,
			       &nplain, &j->e) < 0)
		return refused(j);
	free(plain);
	return STATUS_OK;
}

static int rules_do(struct job *j)
{
	const json_t *edits = json_object_get(j->request, "edits");
	int status = job_stage(j);

	if (status)
		return status;
	json_object_set_new(j->answer, "state", json_string(j->state));
	json_object_set_new(j->answer, "backend", json_string(j->app->backend ? j->app->backend :
							      j->backend.ops->name));
	if (text_add(j, "text", &j->now) < 0 ||
	    (json_array_size(edits) && text_add(j, "staged", &j->then) < 0))
		return failed_memory(j);
	return STATUS_OK;
}

/* Command lines of a shell: no other program is started, no file is opened. */
static bool is_allowed(const char *word)
{
	static const char *const names[] = {
		"save", "dump", "trace", "refresh", "ipv6", "backends", "version",
	};

	if (word[0] == '-')
		return true;
	for (unsigned int i = 0; i < FW_COUNT(names); i++)
		if (strcmp(word, names[i]) == 0)
			return true;
	return false;
}

/* Carries out the words of the request; source: the only file that there is. */
static int words_run(struct job *j, const struct source *source, bool traces)
{
	const json_t *words = json_object_get(j->request, "words"), *word;
	size_t i, n = json_array_size(words);
	char **argv = calloc(n + 4, sizeof(*argv));
	int argc = 0, status;
	size_t length;

	if (!argv)
		return failed_memory(j);
	argv[argc++] = (char *)j->app->name;
	json_array_foreach(words, i, word) {
		argv[argc] = engine_wire_text_bytes(word, &length);
		if (!argv[argc])
			break;
		argc++;
	}
	if (!n || i < n || !is_allowed(argv[1])) {
		free(argv);	/* the words are freed with the process */
		fw_error_set(&j->e, EPERM, "the engine does not carry this out");
		return failed(j, STATUS_USAGE);
	}
	if (traces) {
		argv[argc++] = (char *)"--rules";
		argv[argc++] = (char *)source->name;
	}
	j->app->only_source = source;
	status = app_run(j->app, argc, argv);
	free(argv);
	return status;
}

/* A trace by the staged rules: these are the file that it reads. */
static int staged_trace(struct job *j)
{
	struct source source = { .name = "staged" };
	struct fw_interfaces ifs = { 0 };
	char *text = NULL;
	int status = job_stage(j);

	if (status)
		return status;
	if (j->backend.ops->interfaces(&j->backend, &ifs, &j->e) < 0)
		status = failed(j, STATUS_FAILED);
	else if (saved_text(&j->then, &ifs, SAVED_NO_COUNTERS, &text, &source.len) < 0)
		status = failed_memory(j);
	free(ifs.dev);
	source.text = text;
	if (!status)
		status = words_run(j, &source, true);
	free(text);
	return status;
}

static int run_do(struct job *j)
{
	const char *name = json_string_value(json_object_get(j->request, "name"));
	struct source source = { .name = name ? name : "text" };
	char *text;
	int status;

	if (json_object_get(j->request, "edits"))
		return staged_trace(j);
	text = engine_wire_text_bytes(json_object_get(j->request, "text"), &source.len);
	source.text = text;
	status = words_run(j, &source, false);
	free(text);
	return status;
}

/* Are the rules still those that the shell knows? */
static int expect_check(struct job *j)
{
	const char *expect = json_string_value(json_object_get(j->request, "expect"));

	if (!expect || strcmp(expect, j->state) == 0)
		return STATUS_OK;
	json_object_set_new(j->answer, "changed", json_true());
	fw_error_set(&j->e, EBUSY, ENGINE_CHANGED);
	return failed(j, STATUS_REFUSED);
}

/*
 * Completes the answer before anything is changed, so that no lack of memory can
 * turn a change that was made into a failure.
 */
static int answer_prepare(struct job *j)
{
	char state[ENGINE_STATE_SIZE];

	if (state_of(&j->then, state) < 0 || text_add(j, "before", &j->now) < 0 ||
	    json_object_set_new(j->answer, "state", json_string(state)) < 0 ||
	    json_object_set_new(j->answer, "status", json_integer(STATUS_OK)) < 0 ||
	    json_object_set_new(j->answer, "attempted", json_true()) < 0) {
		json_object_clear(j->answer);
		return failed_memory(j);
	}
	return STATUS_OK;
}

static int commit_do(struct job *j)
{
	const json_t *edits = json_object_get(j->request, "edits");
	struct fw_edit *plain = NULL;
	size_t nplain;
	int err, status = job_load(j);

	if (!status)
		status = expect_check(j);
	if (status)
		return status;
	if (engine_edits_apply(edits, &j->then, &plain, &nplain, &j->e) < 0)
		return refused(j);
	status = answer_prepare(j);
	if (status) {
		free(plain);
		return status;
	}
	if (plain) {
		err = j->backend.ops->edit(&j->backend, plain, nplain, &j->e);
		if (err < 0 && j->e.edit < nplain)
			j->e.edit = plain[j->e.edit].origin;
	} else {
		err = j->backend.ops->replace(&j->backend, &j->then, &j->e);
		j->e.edit = json_array_size(edits);
	}
	free(plain);
	if (err < 0)
		return refused(j);
	findings_warn(NULL, &j->then, &j->now, NULL);
	return STATUS_OK;
}

/*
 * Without "expect" the rules in force need not be readable: a change that was cut off
 * is to be replaced whatever it left.
 */
static int replace_do(struct job *j)
{
	bool expects = json_object_get(j->request, "expect");
	int status = job_load(j);

	if (status && !expects && j->backend.ops) {
		json_object_clear(j->answer);
		status = STATUS_OK;
	}
	if (!status)
		status = expect_check(j);
	if (status)
		return status;
	if (engine_text_apply(json_object_get(j->request, "text"), &j->then, &j->e) < 0)
		return failed(j, STATUS_REFUSED);
	if (counters_copy(&j->then, &j->now) < 0)
		return failed_memory(j);
	status = answer_prepare(j);
	if (!status && j->backend.ops->replace(&j->backend, &j->then, &j->e) < 0)
		status = failed(j, STATUS_REFUSED);
	return status;
}

static const struct {
	const char *name;
	int (*run)(struct job *j);
} requests[] = {
	{ "about", about_do },
	{ "run", run_do },
	{ "rules", rules_do },
	{ "commit", commit_do },
	{ "replace", replace_do },
};

json_t *engine_request(struct app *app, const json_t *request)
{
	const char *what = json_string_value(json_object_get(request, "do"));
	struct job j = { .app = app, .request = request, .answer = json_object() };
	int status = STATUS_USAGE;
	unsigned int i;

	fw_ruleset_init(&j.now);
	fw_ruleset_init(&j.then);
	for (i = 0; what && i < FW_COUNT(requests); i++)
		if (strcmp(what, requests[i].name) == 0)
			break;
	if (what && i < FW_COUNT(requests)) {
		status = requests[i].run(&j);
	} else {
		fw_error_set(&j.e, EPROTO, "the engine does not know this request");
		failed(&j, status);
	}
	if (j.backend.ops)
		backend_close(&j.backend);
	fw_ruleset_free(&j.now);
	fw_ruleset_free(&j.then);
	/* an answer that lacks something is none */
	if (json_object_set_new(j.answer, "status", json_integer(status)) < 0 ||
	    app_json_exhausted()) {
		json_decref(j.answer);
		return NULL;
	}
	return j.answer;
}
