// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * processes.c - the processes of a PID namespace.
 */
#include "ipfwadm/run/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096

static size_t text_read(const char *pid, const char *name, char text[TEXT_MAX])
{
	char path[300];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	f = fopen(path, "re");
	n = f ? fread(text, 1, TEXT_MAX - 1, f) : 0;
	text[n] = '\0';
	if (f)
		fclose(f);
	return n;
}

static unsigned long long number_behind(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* Does it wait for a time that passes, and not for another process? */
static bool waits_for_clock(const char *pid)
{
	static const char *const places[] = { "nanosleep", "poll", "select", "sigtimedwait" };
	char text[TEXT_MAX];

	text_read(pid, "wchan", text);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strstr(text, places[i]))
			return true;
	return false;
}

static void process_add(struct processes *p, const char *pid)
{
	char text[TEXT_MAX];
	const char *state;

	if (!text_read(pid, "status", text))
		return;
	state = strstr(text, "\nState:\t");
	if (!state || state[8] == 'Z' || state[8] == 'X')
		return;
	p->count++;
	p->switches = p->switches * 31 + strtoull(pid, NULL, 10) +
		      number_behind(text, "voluntary_ctxt_switches:\t") +
		      number_behind(text, "nonvoluntary_ctxt_switches:\t");
	p->is_idle &= state[8] == 'S' && !waits_for_clock(pid);
	if (text_read(pid, "statm", text))
		p->pages += number_behind(text, " ");
}

void processes_look(struct processes *p)
{
	const struct dirent *entry;
	DIR *d = opendir("/proc");

	*p = (struct processes){ .is_idle = true };
	while (d && (entry = readdir(d)))
		if (isdigit((unsigned char)entry->d_name[0]) && strcmp(entry->d_name, "1") != 0)
			process_add(p, entry->d_name);
	if (d)
		closedir(d);
}
