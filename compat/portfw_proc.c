// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/portfw_proc.h"

#include <arpa/inet.h>
#include <stdarg.h>

#include "compat/abi_portfw.h"
#include "compat/ipmasqadm.h"
#include "compat/portfw_front.h"
#include "compat/proc_file.h"

#define RECORD 63		/* bytes before the newline */

static const struct {
	__u8 proto;
	const char *name;
} lists[] = { { FW_PROTO_UDP, "UDP" }, { FW_PROTO_TCP, "TCP" } };

__attribute__((format(printf, 3, 4)))
static void record_print(FILE *out, const char *end, const char *format, ...)
{
	char text[RECORD + 1];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(out, "%-*s%s", RECORD, text, end);
}

void portfw_proc_records(FILE *out, const struct fw_portfw_table *t, const char *end)
{
	char addr[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];

	record_print(out, end, "Prot Local Addr/Port > Remote Addr/Port");
	for (unsigned int l = 0; l < FW_COUNT(lists); l++) {
		for (__u32 i = 0; i < t->count; i++) {
			const struct fw_portfw *f = &t->entry[i];

			if (f->proto != lists[l].proto || portfw_kind_of(f) != PORTFW_ONE_PORT)
				continue;
			ipmasqadm_name_address(addr, sizeof(addr), f->addr, true);
			ipmasqadm_name_address(to, sizeof(to), f->to, true);
			record_print(out, end, "%s %s/%u > %s/%u", lists[l].name, addr, f->low,
				     to, f->to_port);
		}
	}
}

static void portfw_print(FILE *out, const struct fw_portfw_table *t)
{
	record_print(out, "\n", "Prot LAddr    LPort > RAddr    RPort PrCnt  Pref");
	for (unsigned int l = 0; l < FW_COUNT(lists); l++)
		for (__u32 i = 0; i < t->count; i++) {
			const struct fw_portfw *f = &t->entry[i];

			if (f->proto == lists[l].proto && portfw_kind_of(f) == PORTFW_ONE_PORT)
				record_print(out, "\n", "%s  %08X %5u > %08X %5u %5u %5u",
					     lists[l].name, f->addr, f->low, f->to, f->to_port,
					     f->left, f->weight);
		}
}

static void mark_print(const struct fw_portfw *f, void *ctx)
{
	record_print(ctx, "\n", "0x%x > %08X %5u %5u %5u", f->mark, f->to, f->to_port,
		     f->left, f->weight);
}

/* As it was when it was added: without the host that a control port has set. */
static void autofw_line(FILE *out, const struct fw_portfw *f)
{
	bool port = f->flags & FW_PORTFW_HAS_PORT, direct = f->flags & FW_PORTFW_SAME_PORT;
	unsigned int flags = f->trigger_port ? ABI_AUTOFW_SECURE : ABI_AUTOFW_USETIME;

	if (f->trigger_time)
		flags |= ABI_AUTOFW_USETIME;
	fprintf(out, "%4X %4X %04X-%04X/%04X %04X %08X %08X %04X %04X %6u %4X\n",
		port ? ABI_AUTOFW_PORT : direct ? ABI_AUTOFW_DIRECT : ABI_AUTOFW_RANGE, f->proto,
		port ? 0u : f->low, port ? 0u : f->high, port ? f->low : 0u, f->to_port,
		f->trigger_port ? 0 : f->to, 0, f->trigger_proto, f->trigger_port, 0, flags);
}

static void autofw_print(FILE *out, const struct fw_portfw_table *t)
{
	fputs("Type Prot Low  High Vis  Hid  Where    Last     CPto CPrt Timer Flags\n", out);
	for (__u32 i = 0; i < t->count; i++)
		if (portfw_kind_of(&t->entry[i]) == PORTFW_ANY_ADDR)
			autofw_line(out, &t->entry[i]);
}

void portfw_proc_print(FILE *out, int file, const struct fw_portfw_table *t)
{
	switch (file) {
	case PROC_PORTFW:
		portfw_proc_records(out, t, "\n");
		break;
	case PROC_MASQ_PORTFW:
		portfw_print(out, t);
		break;
	case PROC_MASQ_MFW:
		record_print(out, "\n", "FwMark > RAddr    RPort PrCnt  Pref");
		mfw_targets_each(t, mark_print, out);
		break;
	default:
		autofw_print(out, t);
	}
}
