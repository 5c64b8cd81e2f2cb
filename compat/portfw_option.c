// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/portfw_option.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static __u8 proto_read(__u16 protocol)
{
	return protocol == FW_PROTO_TCP || protocol == FW_PROTO_UDP ? (__u8)protocol : 0;
}

static struct fw_portfw one_port(__u16 protocol, __u32 laddr, __u16 lport, __u32 raddr,
				 __u16 rport, __s32 weight)
{
	return (struct fw_portfw){
		.proto = proto_read(protocol), .addr = laddr, .low = lport, .high = lport,
		.to = raddr, .to_port = rport, .flags = FW_PORTFW_HAS_PORT,
		.weight = weight > 0 ? (__u32)weight : 0,
	};
}

void abi_autofw_read(struct fw_portfw *f, const struct abi_autofw *a)
{
	*f = (struct fw_portfw){
		.proto = proto_read(a->protocol), .low = a->low, .high = a->high,
		.weight = FW_PORTFW_WEIGHT, .flags = FW_PORTFW_ANY_ADDR, .to = ntohl(a->where),
	};
	switch (a->type) {
	case ABI_AUTOFW_PORT:
		f->low = f->high = a->visible;
		f->to_port = a->hidden;
		f->flags |= FW_PORTFW_HAS_PORT;
		break;
	case ABI_AUTOFW_DIRECT:
		f->to = 0;
		f->flags |= FW_PORTFW_SAME_PORT;
		break;
	case ABI_AUTOFW_RANGE:
		f->trigger_port = a->ctlport;
		f->trigger_proto = a->ctlport ? proto_read(a->ctlproto) : 0;
		/* a host that is not secured is not forgotten */
		if (a->ctlport && a->flags & ABI_AUTOFW_SECURE && a->flags & ABI_AUTOFW_USETIME)
			f->trigger_time = FW_PORTFW_TRIGGER_TIME;
		break;
	default:
		f->proto = 0;
	}
}

static const struct abi_autofw *autofw_of(const union abi_portfw_argument *u,
					  enum abi_layout layout)
{
	return layout == ABI_32 ? &u->autofw32.autofw : &u->autofw64.autofw;
}

/* modules of 2.2, and letters of their commands */
static const struct module {
	const char *name;
	const struct portfw_program *program;
	__u32 size;		/* of what follows the header; 0: any */
	char letter[ABI_MASQ_COMMANDS];
} modules[] = {
	{ "portfw", &portfw_program, sizeof(struct abi_portfw),
	  { [ABI_MASQ_ADD] = 'a', [ABI_MASQ_DELETE] = 'd', [ABI_MASQ_FLUSH] = 'f' } },
	{ "mfw", &mfw_program, sizeof(struct abi_mfw),
	  { [ABI_MASQ_INSERT] = 'I', [ABI_MASQ_ADD] = 'A', [ABI_MASQ_SET] = 'E',
	    [ABI_MASQ_DELETE] = 'D', [ABI_MASQ_FLUSH] = 'F' } },
	{ "autofw", &ipautofw_program, 0,
	  { [ABI_MASQ_INSERT] = 'A', [ABI_MASQ_ADD] = 'A', [ABI_MASQ_DELETE] = 'D',
	    [ABI_MASQ_FLUSH] = 'F' } },
};

static const struct module *module_find(const struct abi_masq_ctl *ctl)
{
	for (unsigned int i = 0; i < FW_COUNT(modules); i++)
		if (!strncmp(ctl->name, modules[i].name, sizeof(ctl->name)))
			return &modules[i];
	return NULL;
}

static void masq_forward_read(struct portfw_command *c, const struct portfw_program *p,
			      const union abi_portfw_argument *u, enum abi_layout layout)
{
	const struct abi_portfw *one = &u->portfw;
	const struct abi_mfw *mark = &u->mfw;

	if (p == &ipautofw_program) {
		abi_autofw_read(&c->forward, autofw_of(u, layout));
	} else if (p == &portfw_program) {
		c->forward = one_port(one->protocol, ntohl(one->laddr), ntohs(one->lport),
				      ntohl(one->raddr), ntohs(one->rport), one->pref);
	} else {
		c->forward = (struct fw_portfw){
			.mark = mark->fwmark, .to = ntohl(mark->raddr),
			.to_port = ntohs(mark->rport), .weight = (__u32)mark->pref,
			.flags = mark->rport ? FW_PORTFW_HAS_PORT : 0,
		};
		if (c->letter == 'E' && mark->flags & ABI_MFW_SCHEDULE)
			c->letter = 'S';
	}
}

/* Leaves *p alone if nothing is to be done. */
static int masq_command_read(struct portfw_command *c, const struct portfw_program **p,
			     const struct abi_masq_ctl *ctl, enum abi_layout layout, __u32 len)
{
	const struct module *m = module_find(ctl);

	if (ctl->target != ABI_MASQ_MODULE)
		return ctl->target == ABI_MASQ_USER ? -ENOPKG : -EINVAL;
	if (!m)
		return -ESRCH;
	if (m->size && len != sizeof(*ctl) && len != offsetof(struct abi_masq_ctl, u) + m->size)
		return -EINVAL;
	if (ctl->command == ABI_MASQ_NONE)
		return 0;
	if (ctl->command < 0 || ctl->command >= ABI_MASQ_COMMANDS || !m->letter[ctl->command])
		return -EINVAL;
	c->letter = m->letter[ctl->command];
	if (m->program == &mfw_program && strchr("IAE", c->letter) && ctl->u.mfw.pref < 0)
		return -EINVAL;
	masq_forward_read(c, m->program, &ctl->u, layout);
	*p = m->program;
	return 0;
}

int portfw_option_run(const struct portfw_host *h, int number, enum abi_layout layout,
		      const union portfw_option *arg, __u32 len, struct fw_error *e)
{
	const struct abi_portfw *one = &arg->u.portfw;
	const struct portfw_program *p = NULL;
	struct portfw_command c = { 0 };
	int err = 0;

	if (number == ABI_MASQ_CTL) {
		err = masq_command_read(&c, &p, &arg->ctl, layout, len);
	} else if (number >= ABI_PORTFW) {
		p = &ipportfw_program;
		c.letter = "ADC"[number - ABI_PORTFW];
		c.forward = one_port(one->protocol, one->laddr, one->lport, one->raddr, one->rport,
				     FW_PORTFW_WEIGHT);
	} else {
		p = &ipautofw_program;
		c.letter = (char []){ 'A', AUTOFW_DELETE_KNOWN, 'F' }[number - ABI_AUTOFW];
		abi_autofw_read(&c.forward, autofw_of(&arg->u, layout));
	}
	if (err)
		return fw_error_set(e, -err, "%s", strerror(-err));
	return p ? portfw_command_edit(p, h, &c, e) : 0;
}
