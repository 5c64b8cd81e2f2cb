// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tool_module.c - kernel modules of the time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/run/client.h"
#include "ipfwadm/run/run.h"
#include "ipfwadm/run/tools.h"
#include "kmod/core/names.h"
#include "parser/option.h"

#define PORTS_MAX 12	/* of a helper, as 2.0 had */

/* Parts of masquerading besides its helpers, and other modules. */
static const char *const masq_others[] = { "ip_masq_portfw", "ip_masq_autofw", "ip_masq_mfw" };
static const char *const others[] = {
	"ip_masq_user", "ip_masq_icq", "ip_masq_h323", "ip_masq_pptp",
	"ip_masq_ipsec",
	"ppp", "slhc", "bsd_comp", "ppp_deflate", "slip", "dummy",
	"isdn", "hisax", "ne", "3c509", "3c59x", "tulip", "eepro100", "rtl8139", "8390",
	"ip_alias", "ipip", "rarp",
};

static bool is_among(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* "/lib/modules/2.0.36/ipv4/ip_masq_ftp.o" is ip_masq_ftp. */
static void name_of(const char *word, char name[MACHINE_NAME])
{
	const char *slash = strrchr(word, '/');
	size_t len;

	snprintf(name, MACHINE_NAME, "%s", slash ? slash + 1 : word);
	len = strlen(name);
	if (len > 2 && strcmp(name + len - 2, ".o") == 0)
		name[len - 2] = '\0';
}

static size_t loaded_find(const struct machine *m, const char *name)
{
	size_t i = 0;

	while (i < m->nmodules && strcmp(m->module[i], name) != 0)
		i++;
	return i;
}

/* The sandbox's first process serves the script, so it sees the file that is there. */
static void modules_write(const struct tools *t)
{
	FILE *f = t->of_system ? NULL : fopen("/proc/modules", "we");
	const struct machine *m = t->machine;

	for (size_t i = 0; f && i < m->nmodules; i++)
		fprintf(f, "%s %d %d\n", m->module[i], 1, 0);
	if (f)
		fclose(f);
}

/* The helper that is a module of that name, NULL: none is. */
static const struct fw_masq_helper *helper_find(const char *name)
{
	const size_t n = strlen("ip_masq_");

	return strncmp(name, "ip_masq_", n) == 0 ? masq_helper_find(name + n) : NULL;
}

/* "21,2121": how many ports, 0 if it is nothing of the kind. */
static size_t ports_read(const char *text, __u16 port[PORTS_MAX])
{
	size_t n = 0;
	char *end;

	do {
		unsigned long value = strtoul(text, &end, 0);

		if (*text < '0' || *text > '9' || (*end && *end != ',') || !value ||
		    value > 65535 || n == PORTS_MAX)
			return 0;
		port[n++] = (__u16)value;
		text = end + 1;
	} while (*end);
	return n;
}

static bool ports_are_own(const struct fw_masq_helper *h, const __u16 *port, size_t n)
{
	return n == h->nports && memcmp(port, h->ports, n * sizeof(*port)) == 0;
}

/* Edits that give a helper n ports in place of those in table; their number. */
static size_t ports_edit(struct fw_edit *edit, const struct fw_portfw_table *table,
			 const struct fw_masq_helper *h, const __u16 *port, size_t n)
{
	struct fw_edit e = { .op = FW_OP_PORTFW, .portfw.op = FW_PORTFW_DELETE };
	size_t count = 0;

	for (__u32 i = 0; i < table->count; i++) {
		e.portfw.forward = table->entry[i];
		if (table->entry[i].helper == h->id)
			edit[count++] = e;
	}
	e.portfw.op = FW_PORTFW_APPEND;
	for (size_t i = 0; i < n; i++) {
		e.portfw.forward = (struct fw_portfw){
			.proto = h->proto, .low = port[i], .high = port[i],
			.helper = (__u8)h->id, .flags = FW_PORTFW_ANY_ADDR,
			.weight = FW_PORTFW_WEIGHT, .left = FW_PORTFW_WEIGHT,
		};
		edit[count++] = e;
	}
	return count;
}

/* Gives the helper these ports; those that it has by itself need no forwards. */
static int ports_set(const struct tools *t, const struct fw_masq_helper *h, const __u16 *port,
		     size_t n, struct fw_error *e)
{
	struct fw_edit *edit = NULL;
	struct fw_ruleset rs;
	size_t count;
	int err;

	fw_ruleset_init(&rs);
	err = t->backend->ops->load(t->backend, &rs, e);
	if (!err)
		edit = calloc(rs.portfw.count + n + 1, sizeof(*edit));
	if (!err && !edit)
		err = fw_error_set(e, ENOMEM, "out of memory");
	if (edit) {
		count = ports_edit(edit, &rs.portfw, h, port, ports_are_own(h, port, n) ? 0 : n);
		err = count ? t->backend->ops->edit(t->backend, edit, count, e) : 0;
	}
	free(edit);
	fw_ruleset_free(&rs);
	return err;
}

/* args: the words behind the module's, up to NULL */
static int helper_add(struct tools *t, const char *tool, const struct fw_masq_helper *h,
		      char **args)
{
	__u16 port[PORTS_MAX];
	struct fw_error e;
	size_t n = 0;

	for (; *args; args++) {
		if (strncmp(*args, "ports=", 6) != 0)
			continue;
		n = ports_read(*args + 6, port);
		if (!n) {
			t->effect = TOOL_REFUSED;
			fprintf(stderr, "%s: invalid ports: '%s'\n", tool, *args);
			return 1;
		}
	}
	t->effect = t->has_core || h->id < FW_HELPERS ? TOOL_KEPT : TOOL_LEFT_OUT;
	if (t->effect == TOOL_KEPT && ports_set(t, h, n ? port : h->ports, n ? n : h->nports, &e)) {
		t->effect = TOOL_LEFT_OUT;
		fprintf(stderr, "%s: %s\n", tool, e.text);
	}
	return 0;
}

/* args: the words behind the module's, then NULL */
static int module_add(struct tools *t, const char *tool, const char *word, char **args)
{
	const struct fw_masq_helper *h;
	struct machine *m = t->machine;
	char name[MACHINE_NAME];
	int status = 0;
	bool is_masq;

	name_of(word, name);
	h = helper_find(name);
	is_masq = is_among(masq_others, FW_COUNT(masq_others), name);
	t->effect = is_masq ? TOOL_KEPT : TOOL_LEFT_OUT;
	if (!h && !is_masq && !is_among(others, FW_COUNT(others), name)) {
		t->effect = TOOL_REFUSED;
		if (*tool == 'm')
			fprintf(stderr, "modprobe: Can't locate module %s\n", name);
		else
			fprintf(stderr, "insmod: %s: no module by that name found\n", name);
		return *tool == 'm' ? 255 : 1;
	}
	if (loaded_find(m, name) < m->nmodules) {	/* has the ports that it was given */
		t->effect = TOOL_NONE;
		return 0;
	}
	if (h)
		status = helper_add(t, tool, h, args);
	if (!status && m->nmodules < MACHINE_MODULES)
		memcpy(m->module[m->nmodules++], name, sizeof(name));
	modules_write(t);
	return status;
}

int tool_rmmod(struct tools *t, int argc, char **argv)
{
	struct machine *m = t->machine;
	const struct fw_masq_helper *h;
	char name[MACHINE_NAME];
	struct fw_error e;
	size_t at;

	name_of(argv[argc - 1], name);
	at = loaded_find(m, name);
	if (at == m->nmodules) {
		fprintf(stderr, "rmmod: module %s not loaded\n", name);
		return 1;
	}
	memmove(m->module[at], m->module[at + 1], (--m->nmodules - at) * sizeof(m->module[0]));
	modules_write(t);
	h = helper_find(name);
	if (h && ports_set(t, h, h->ports, h->nports, &e))
		fprintf(stderr, "rmmod: %s\n", e.text);
	t->effect = TOOL_LEFT_OUT;
	return 0;
}

int tool_modprobe(struct tools *t, int argc, char **argv)
{
	int i = 1;

	if (argc > 1 && strcmp(argv[1], "-r") == 0)
		return argc > 2 ? tool_rmmod(t, argc, argv) : 0;
	while (i < argc && argv[i][0] == '-')
		i++;
	if (i == argc)
		return argc > 1 ? 0 : tool_usage(argv[0]);
	return module_add(t, argv[0], argv[i], argv + i + 1);
}

/*
 * The program by the name modprobe, insmod or rmmod, where no session answers.  Of the
 * modules that 2.0 had nothing is loaded, for what they did comes with the rules.
 */
int module_run(struct app *app, int argc, char **argv)
{
	struct machine m = { 0 };
	struct backend b;
	struct tools t = { .machine = &m, .of_system = true, .backend = &b };
	const char *name = strrchr(argv[0], '/');
	bool loads = false;
	int status;

	if (!tools_answer(argc, argv))
		return client_system_execute(name ? name + 1 : argv[0], argv);
	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	t.has_core = !b.ops->lower;
	if (strcmp(name ? name + 1 : argv[0], "rmmod") == 0 || strcmp(argv[1], "-r") == 0)
		name_of(argv[argc - 1], m.module[m.nmodules++]);	/* it may be loaded */
	else
		loads = true;
	status = tools_run(&t, "", argc, argv);
	if (t.effect == TOOL_LEFT_OUT && loads)
		app_error(app, "'%s' has no effect on the rules here", argv[argc - 1]);
	backend_close(&b);
	tools_free(&t);
	return status;
}

int tool_lsmod(struct tools *t, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("Module         Pages    Used by");
	for (size_t i = 0; i < t->machine->nmodules; i++)
		printf("%-16s %3d %12d\n", t->machine->module[i], 1, 0);
	return 0;
}
