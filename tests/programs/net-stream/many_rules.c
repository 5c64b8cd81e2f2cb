// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * many_rules.c - large rule files around a few rules that matter.
 */
#include "tests/programs/net-stream/many_rules.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/random.h"

/* what the other rules are made of */
static const char *const verdicts[] = { "accept", "deny", "reject" };
static const char *const devices[] = { "", "", " -W eth1", " -W ppp0", " -V 203.0.113.5" };
static const char *const masks[] = { "32", "32", "24", "30", "255.255.0.0" };
static const char *const marks[] = { " -b", " -o", " -t 0x01 0x10", " --state new" };
/* few need a set, since the kernel takes long for many of those */
static const char *const tcp_ports[] = { "25", "80", "119", "1024:65535", "6000:6010" };
static const char *const udp_ports[] = { "53", "123", "514", "33434:33534" };
static const char *const icmp_types[] = { "8", "0", "11", "" };
static const char *const sets[] = { "20 21 6000:6010", "80 443", "1 3 4 11" };

#define LATE 8	/* every so many rules that matter come last */

#define PICK(r, array) ((array)[random_below((r), FW_COUNT(array))])

static void addresses_write(FILE *out, struct random *r, const char *source,
			    const char *destination)
{
	__u32 s = random_word(r), d = random_word(r);

	fprintf(out, " -S 172.%u.%u.%u/%s%s -D 172.%u.%u.%u/%s%s", 16 + (s & 15),
		s >> 8 & 255, s >> 16 & 255, PICK(r, masks), source, 16 + (d & 15),
		d >> 8 & 255, d >> 16 & 255, PICK(r, masks), destination);
}

/* " PORTS", or now and then more of them */
static const char *ports_text(struct random *r, char text[64], const char *few)
{
	snprintf(text, 64, " %s", random_chance(r, 1) ? PICK(r, sets) : few);
	return text;
}

static void match_write(FILE *out, struct random *r, bool icmp)
{
	char ports[64];

	switch (random_below(r, icmp ? 4 : 3)) {
	case 0:
		fputs(" -P tcp", out);
		addresses_write(out, r, "", ports_text(r, ports, PICK(r, tcp_ports)));
		fputs(random_chance(r, 20) ? " -y" : random_chance(r, 20) ? " -k" : "", out);
		break;
	case 1:
		fputs(" -P udp", out);
		addresses_write(out, r, random_chance(r, 30) ? " 53" : "",
				ports_text(r, ports, PICK(r, udp_ports)));
		break;
	case 2:
		addresses_write(out, r, "", "");
		break;
	default:
		fputs(" -P icmp", out);
		addresses_write(out, r, ports_text(r, ports, PICK(r, icmp_types)), "");
	}
	fputs(PICK(r, devices), out);
}

static void rule_write(FILE *out, struct random *r)
{
	/* few where many packets walk through all of them */
	char list = random_chance(r, 3) ? 'A' : random_chance(r, 5) ? 'I' :
		    random_chance(r, 50) ? 'O' : 'F';
	bool masquerade = list == 'F' && random_chance(r, 30);
	const char *verdict = masquerade ? "masquerade" : PICK(r, verdicts);

	if (list == 'A')
		fputs("-A -a", out);
	else
		fprintf(out, "-%c -a %s", list, verdict);
	match_write(out, r, !masquerade);
	if (list != 'A')
		fputs(random_chance(r, 5) ? PICK(r, marks) : "", out);
	fputc('\n', out);
}

char *many_rules_text(const char *const *must, unsigned int nmust, unsigned int count,
		      unsigned int version)
{
	struct random r;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	unsigned int i;

	if (!out)
		return NULL;
	random_seed(&r, version + 1);
	/* most of those that matter come early, since each packet walks to its own */
	for (i = 0; i < nmust; i++)
		if (i % LATE != version % LATE)
			fprintf(out, "%s\n", must[i]);
	for (i = nmust; i < count; i++)
		rule_write(out, &r);
	for (i = version % LATE; i < nmust; i += LATE)
		fprintf(out, "%s\n", must[i]);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
