// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tool_module.c - kernel modules of the time.
 */
#include <stdio.h>
#include <string.h>

#include "backend/choose.h"
#include "ipfwadm/run/client.h"
#include "ipfwadm/run/run.h"
#include "ipfwadm/run/tools.h"

/* Parts of masquerading that have their like today, and other modules. */
static const struct helper {
	const char *name;
	const char *ports;	/* by default, and the only ones today */
	bool is_lost;		/* netfilter does not have it */
	const char *instead;	/* for other ports; NULL: there is nothing */
} helpers[] = {
	{ "ip_masq_ftp", "ports=21", false,
	  "for another port, give its masquerading rule '--helper ftp'" },
	{ "ip_masq_irc", "ports=6667", false,
	  "for another port, give its masquerading rule '--helper irc'" },
	{ "ip_masq_raudio", "ports=7070", true, NULL },
	{ "ip_masq_vdolive", "ports=7000", true, NULL },
	{ "ip_masq_cuseeme", "ports=7648", true, NULL },
	{ "ip_masq_quake", "ports=26000,27000", true, NULL },
	{ "ip_masq_portfw", "", false, NULL },
	{ "ip_masq_autofw", "", false, NULL },
	{ "ip_masq_mfw", "", false, NULL },
};
static const char *const others[] = {
	"ip_masq_user", "ip_masq_icq", "ip_masq_h323", "ip_masq_pptp", "ip_masq_ipsec",
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

static const struct helper *helper_find(const char *name)
{
	for (size_t i = 0; i < FW_COUNT(helpers); i++)
		if (strcmp(helpers[i].name, name) == 0)
			return &helpers[i];
	return NULL;
}

/* Other ports cannot be had.  args: ends with NULL. */
static bool ports_are_kept(const struct helper *h, char **args)
{
	while (*args && (strncmp(*args, "ports=", 6) != 0 || strcmp(*args, h->ports) == 0))
		args++;
	return !*args;
}

/* args: the words behind the module's, then NULL */
static int module_add(struct tools *t, const char *tool, const char *word, char **args)
{
	struct machine *m = t->machine;
	const struct helper *h;
	char name[MACHINE_NAME];

	name_of(word, name);
	h = helper_find(name);
	t->effect = h && (t->has_core || !h->is_lost) && ports_are_kept(h, args) ? TOOL_KEPT :
			TOOL_LEFT_OUT;
	if (h && t->effect == TOOL_LEFT_OUT)
		t->instead = h->instead;
	if (!h && !is_among(others, FW_COUNT(others), name)) {
		t->effect = TOOL_REFUSED;
		if (*tool == 'm')
			fprintf(stderr, "modprobe: Can't locate module %s\n", name);
		else
			fprintf(stderr, "insmod: %s: no module by that name found\n", name);
		return *tool == 'm' ? 255 : 1;
	}
	if (loaded_find(m, name) == m->nmodules && m->nmodules < MACHINE_MODULES)
		memcpy(m->module[m->nmodules++], name, sizeof(name));
	modules_write(t);
	return 0;
}

int tool_rmmod(struct tools *t, int argc, char **argv)
{
	struct machine *m = t->machine;
	char name[MACHINE_NAME];
	size_t at;

	name_of(argv[argc - 1], name);
	at = loaded_find(m, name);
	if (at == m->nmodules) {
		fprintf(stderr, "rmmod: module %s not loaded\n", name);
		return 1;
	}
	memmove(m->module[at], m->module[at + 1], (--m->nmodules - at) * sizeof(m->module[0]));
	modules_write(t);
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
	struct tools t = { .machine = &m, .of_system = true };
	const char *name = strrchr(argv[0], '/');
	struct backend b;
	int status;

	if (!tools_answer(argc, argv))
		return client_system_execute(name ? name + 1 : argv[0], argv);
	if (app_backend_open(app, &b) < 0)
		return STATUS_FAILED;
	t.has_core = !b.ops->lower;
	backend_close(&b);
	if (strcmp(name ? name + 1 : argv[0], "rmmod") == 0 || strcmp(argv[1], "-r") == 0)
		return STATUS_OK;
	status = tools_run(&t, "", argc, argv);
	if (t.effect == TOOL_LEFT_OUT)
		app_error(app, "'%s' has no effect on the rules here%s%s", argv[argc - 1],
			  t.instead ? ": " : "", t.instead ? t.instead : "");
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
