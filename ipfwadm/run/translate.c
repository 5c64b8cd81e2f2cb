// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * translate.c - the command lines of `ipfwadm translate' and `try'.
 */
#include "ipfwadm/run/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/sim/sim.h"
#include "backend/sim/state_file.h"
#include "ipfwadm/run/report_page.h"

#define SECONDS 60
#define SECONDS_MAX 3600

static int seconds_parse(const char *word, unsigned int *seconds)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (end == word || *end || n < 1 || n > SECONDS_MAX)
		return -EINVAL;
	*seconds = (unsigned int)n;
	return 0;
}

static const char *declaration_form(int option)
{
	switch (option) {
	case 'i':
		return "--interface NAME=ADDRESS/BITS[,peer=ADDRESS][,down]";
	case 'g':
		return "--gateway ADDRESS";
	case 'n':
		return "--nameserver ADDRESS";
	case 'h':
		return "--host NAME=ADDRESS";
	case 'H':
		return "--hostname NAME";
	default:
		return "--time SECONDS";
	}
}

/* The word of an option of the declaration; an exit status. */
static int declaration_read(struct translate *t, int option, const char *word)
{
	struct machine *m = &t->machine;
	int err;

	switch (option) {
	case 'i':
		err = machine_interface_add(m, word);
		break;
	case 'g':
		err = machine_address_parse(word, &m->gateway);
		break;
	case 'n':
		err = m->nnameservers < FW_COUNT(m->nameserver) ?
			machine_address_parse(word, &m->nameserver[m->nnameservers++]) : -ENOSPC;
		break;
	case 'h':
		err = machine_host_add(m, word);
		break;
	case 'H':
		err = strlen(word) < MACHINE_NAME && !strpbrk(word, " \n\t=/") ? 0 : -EINVAL;
		snprintf(m->hostname, sizeof(m->hostname), "%s", word);
		break;
	default:
		err = seconds_parse(word, &t->seconds);
	}
	if (!err)
		return STATUS_OK;
	app_error(t->app, err == -ENOSPC ? "there are too many like '%s' of '%s'" :
		  "invalid value '%s' of '%s'", word, declaration_form(option));
	return STATUS_USAGE;
}

/* The simulator's file gets what was made in the sandbox, with the rights of its user. */
static int result_keep(struct translate *t)
{
	const char *spec = t->app->backend;
	struct state_file f;
	struct fw_error e;
	const char *file = spec && strncmp(spec, "sim:", 4) == 0 ? spec + 4 : NULL;
	size_t len = (size_t)lseek(t->result, 0, SEEK_END);
	void *text = mmap(NULL, len, PROT_READ, MAP_PRIVATE, t->result, 0);
	char *path = NULL;
	int err = text == MAP_FAILED ? fw_error_set(&e, errno, "%s", strerror(errno)) : 0;

	if (!err)
		err = sim_path_choose(&path, file, &e);
	if (!err)
		err = state_file_lock(&f, path, &e);
	if (!err) {
		err = state_file_replace(&f, text, len, &e);
		state_file_unlock(&f);
	}
	if (text != MAP_FAILED)
		munmap(text, len);
	if (err)
		app_error(t->app, "%s", e.text);
	else
		app_note(t->app, "the simulator has these rules: 'ipfwadm --backend sim%s%s "
			  "trace ...' shows the way of packets", file ? ":" : "", file ? file : "");
	free(path);
	return err ? STATUS_FAILED : STATUS_OK;
}

static int inside(void *ctx)
{
	struct translate *t = ctx;

	if (getuid() != 0)
		app_note(t->app, "the sandbox has no user namespace: programs other than bash, id "
			  "and whoami see user %u instead of root", getuid());
	return translate_script(t);
}

static int script_translate(struct translate *t)
{
	struct fw_error e;
	int status;

	if (!realpath(t->argv[0], t->sandbox.script) || access(t->argv[0], R_OK) < 0) {
		app_error(t->app, "cannot read '%s': %s", t->argv[0], strerror(errno));
		return STATUS_FAILED;
	}
	t->argv[0] = t->sandbox.script;
	if (!t->machine.ninterfaces)
		app_note(t->app, "the script sees the interfaces of this machine; others are "
			  "declared by --interface");
	if (machine_complete(&t->machine, &e) < 0) {
		app_error(t->app, "%s", e.text);
		return STATUS_FAILED;
	}
	t->sandbox.machine = &t->machine;
	t->sandbox.client = script_client_open();
	t->result = memfd_create("ipfwadm-result", MFD_CLOEXEC);
	if (t->sandbox.client < 0 || t->result < 0) {
		app_error(t->app, "cannot prepare a sandbox: %s", strerror(errno));
		return STATUS_FAILED;
	}
	status = sandbox_run(&t->sandbox, inside, t, &e);
	if (status < 0)
		app_error(t->app, "%s", e.text);
	else
		app_document_drop(t->app);	/* it has been printed there */
	if (status >= 0 && !t->format && lseek(t->result, 0, SEEK_END) > 0)
		status = result_keep(t) == STATUS_OK ? status : STATUS_FAILED;
	close(t->sandbox.client);
	close(t->result);
	return status < 0 ? STATUS_FAILED : status;
}

/* Sets t->argv if it returns STATUS_OK. */
static int options_read(struct translate *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "gateway", required_argument, NULL, 'g' },
		{ "host", required_argument, NULL, 'h' },
		{ "hostname", required_argument, NULL, 'H' },
		{ "interface", required_argument, NULL, 'i' },
		{ "nameserver", required_argument, NULL, 'n' },
		{ "partial", no_argument, NULL, 'p' },
		{ "report", required_argument, NULL, 'r' },
		{ "time", required_argument, NULL, 't' },
		{ "to", required_argument, NULL, 'T' },
		{ NULL, 0, NULL, 0 },
	};
	int c, status = STATUS_OK;

	while (status == STATUS_OK && (c = app_option(t->app, argc, argv, "+", options)) != -1) {
		if (c == 'p') {
			t->partial = true;
		} else if (c == 'r' && !t->report) {
			t->report = report_page_open(t->app, optarg);
			status = t->report ? STATUS_OK : STATUS_FAILED;
		} else if (c == 'T' && t->format) {
			t->format = rules_dump_format(t->app, optarg);
			status = t->format ? STATUS_OK : STATUS_USAGE;
		} else if (c == '?' || c == 'T' || c == 'r') {
			return app_usage(t->app, argv[0]);
		} else {
			status = declaration_read(t, c, optarg);
		}
	}
	if (status != STATUS_OK)
		return status;
	if (optind >= argc)
		return app_usage(t->app, argv[0]);
	t->argv = argv + optind;
	return STATUS_OK;
}

static int any_run(struct app *app, int argc, char **argv, const struct dump_format *format)
{
	struct translate *t = calloc(1, sizeof(*t));
	int status;

	if (!t) {
		app_error(app, "out of memory");
		return STATUS_FAILED;
	}
	t->app = app;
	t->format = format;
	t->seconds = SECONDS;
	status = options_read(t, argc, argv);
	if (t->argv)
		status = script_translate(t);
	free(t);
	return status;
}

int translate_run(struct app *app, int argc, char **argv)
{
	return any_run(app, argc, argv, rules_dump_format(app, "nft"));
}

int try_run(struct app *app, int argc, char **argv)
{
	return any_run(app, argc, argv, NULL);
}
