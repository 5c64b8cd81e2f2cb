// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine_do.c - one request of the shell, in a process of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/engine/engine_private.h"
#include "ipfwadm/format/json.h"
#include "ipfwadm/format/saved.h"

/* what the requests about rules work with */
struct job {
	struct app *app;
	const json_t *request;
	struct backend backend;
	struct fw_ruleset now, then;	/* in force, and what shall be */
	char state[24];			/* of now */
	struct fw_error e;
	json_t *answer;
};

static int failed(struct job *j, int status)
{
	json_object_set_new(j->answer, "error", json_string(j->e.text));
	return status;
}

static int failed_memory(struct job *j)
{
	fw_error_set(&j->e, ENOMEM, "out of memory");
	return failed(j, STATUS_FAILED);
}

/* the word that stands for all rules but their counters */
static int state_of(const struct fw_ruleset *rs, char state[24])
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
	snprintf(state, 24, "%016" PRIx64, h);
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
	err = json_object_set_new(j->answer, name, json_stringn(text, len)) ? -ENOMEM : 0;
	free(text);
	return err;
}

/* Names and addresses of interfaces, as the backend knows them. */
static void interfaces_add(struct job *j, const char *spec)
{
	struct fw_interfaces ifs = { 0 };
	json_t *list = json_array();
	char address[20];

	if (backend_open(&j->backend, spec, &saved_format, false, &j->e) < 0)
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

static int about_do(struct job *j)
{
	const char *spec = j->app->backend;
	char netns[300];

	if (!spec)
		spec = backend_choose(NULL, 0, &j->e);
	if (!spec)
		return failed(j, STATUS_FAILED);
	engine_netns_name(netns, sizeof(netns));
	json_object_set_new(j->answer, "backend", json_string(spec));
	json_object_set_new(j->answer, "netns", json_string(netns));
	interfaces_add(j, spec);
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
	if (text_add(j, "text", &j->now) < 0 ||
	    (json_array_size(edits) && text_add(j, "staged", &j->then) < 0))
		return failed_memory(j);
	return STATUS_OK;
}

/* A file in memory with what the edits make; its descriptor, or -errno. */
static int staged_file(struct job *j)
{
	struct fw_interfaces ifs = { 0 };
	int err, fd = memfd_create("staged", MFD_CLOEXEC);
	char *text = NULL;
	size_t len;

	if (fd < 0)
		return -errno;
	err = j->backend.ops->interfaces(&j->backend, &ifs, &j->e);
	if (!err)
		err = saved_text(&j->then, &ifs, SAVED_NO_COUNTERS, &text, &len);
	if (!err && write(fd, text, len) != (ssize_t)len)
		err = -EIO;
	free(text);
	free(ifs.dev);
	if (err)
		close(fd);
	return err ? err : fd;
}

static int words_run(struct job *j, const char *rules)
{
	const json_t *words = json_object_get(j->request, "words");
	char **argv = calloc(json_array_size(words) + 4, sizeof(*argv));
	const json_t *word;
	int argc = 0, status;
	size_t i;

	if (!argv)
		return failed_memory(j);
	argv[argc++] = (char *)j->app->name;
	json_array_foreach(words, i, word) {
		argv[argc] = (char *)json_string_value(word);
		if (!argv[argc])
			break;
		argc++;
	}
	if (rules) {
		argv[argc++] = "--rules";
		argv[argc++] = (char *)rules;
	}
	status = app_run(j->app, argc, argv);
	free(argv);
	return status;
}

static int run_do(struct job *j)
{
	char path[40];
	int fd, status;

	if (!json_object_get(j->request, "edits"))
		return words_run(j, NULL);
	status = job_stage(j);
	if (status)
		return status;
	fd = staged_file(j);
	if (fd < 0)
		return failed_memory(j);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	status = words_run(j, path);
	close(fd);
	return status;
}

/* Are the rules still those that the shell knows? */
static int expect_check(struct job *j)
{
	const char *expect = json_string_value(json_object_get(j->request, "expect"));

	if (!expect || strcmp(expect, j->state) == 0)
		return STATUS_OK;
	json_object_set_new(j->answer, "changed", json_true());
	fw_error_set(&j->e, EBUSY, "somebody else has changed the rules meanwhile");
	return failed(j, STATUS_REFUSED);
}

/* What has been done, so that it can be undone. */
static int job_done(struct job *j)
{
	char state[24];

	if (state_of(&j->then, state) < 0 || text_add(j, "before", &j->now) < 0)
		return failed_memory(j);
	json_object_set_new(j->answer, "state", json_string(state));
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
	if (plain) {
		err = j->backend.ops->edit(&j->backend, plain, nplain, &j->e);
		if (err < 0 && j->e.edit < nplain)
			j->e.edit = plain[j->e.edit].origin;
	} else {
		err = j->backend.ops->replace(&j->backend, &j->then, &j->e);
		j->e.edit = json_array_size(edits);
	}
	free(plain);
	return err < 0 ? refused(j) : job_done(j);
}

static int replace_do(struct job *j)
{
	const char *text = json_string_value(json_object_get(j->request, "text"));
	int status = job_load(j);

	if (!status)
		status = expect_check(j);
	if (status)
		return status;
	if (engine_text_apply(text ? text : "", &j->then, &j->e) < 0)
		return failed(j, STATUS_REFUSED);
	if (engine_counters_keep(&j->then, &j->now) < 0)
		return failed_memory(j);
	if (j->backend.ops->replace(&j->backend, &j->then, &j->e) < 0)
		return failed(j, STATUS_REFUSED);
	return job_done(j);
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

json_t *engine_do(struct app *app, const json_t *request)
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
	if (json_object_set_new(j.answer, "status", json_integer(status)) < 0) {
		json_decref(j.answer);
		return NULL;
	}
	return j.answer;
}
