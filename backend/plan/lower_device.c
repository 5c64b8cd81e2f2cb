// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lower_device.c - -V and -W: which of today's interfaces are meant?
 *
 * To 2.0 an alias such as eth0:1 was a device of its own, which received what
 * was sent to its address and by which packets for its network left.
 */
#include <stdio.h>
#include <string.h>

#include "backend/plan/lower.h"

#define ALIASES_MAX 12	/* that one rule can exclude */

static unsigned int base_length(const char name[FW_IFNAMSIZ])
{
	unsigned int n = 0;

	while (n < FW_IFNAMSIZ && name[n] && name[n] != ':')
		n++;
	return n;
}

static bool name_is_alias(const char name[FW_IFNAMSIZ])
{
	unsigned int n = base_length(name);

	return n < FW_IFNAMSIZ && name[n] == ':';
}

static bool same_base(const char a[FW_IFNAMSIZ], const char b[FW_IFNAMSIZ])
{
	unsigned int n = base_length(a);

	return n == base_length(b) && !memcmp(a, b, n);
}

/*
 * A quoted name is a wildcard if its last byte is a star; a backslash before it
 * ends that, along with every other backslash in the name and
 * with room for one byte less.  A quote cannot be written.
 */
static bool nft_name_ok(const char *name, size_t len)
{
	if (strchr(name, '"') || strchr(name, '\n'))
		return false;
	if (name[len - 1] != '*')
		return true;
	return len < FW_IFNAMSIZ - 1 && !strchr(name, '\\');
}

/* A plus sign at the end is a wildcard. */
static bool xtables_name_ok(const char *name, size_t len)
{
	return name[len - 1] != '+' && !strchr(name, '\n');
}

bool plan_name_ok(enum plan_target target, const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= FW_IFNAMSIZ)
		return false;
	return target == PLAN_NFT ? nft_name_ok(name, len) : xtables_name_ok(name, len);
}

/* Can an interface have this name? */
static bool name_is_possible(const char name[FW_IFNAMSIZ])
{
	unsigned int i, n = base_length(name);

	if (!n || n == FW_IFNAMSIZ)
		return false;
	for (i = 0; i < n; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == '/' || name[i] == 127)
			return false;
	return true;
}

/* the interface's name without alias, in the plan's memory */
static const char *name_record(struct lower *l, const char name[FW_IFNAMSIZ])
{
	unsigned int n = base_length(name);
	char *copy;

	if (l->last_name && !strncmp(l->last_name, name, n) && !l->last_name[n])
		return l->last_name;
	copy = plan_alloc(l->plan, FW_IFNAMSIZ + 1);
	memcpy(copy, name, n);
	l->last_name = copy;
	return copy;
}

static void name_set(struct lower *l, struct plan_match *m, const struct lower_view *v,
		     const char name[FW_IFNAMSIZ])
{
	const char *own = name_record(l, name);

	m->type = v->out ? PLAN_M_OIFNAME : PLAN_M_IIFNAME;
	m->names.item = plan_copy(l->plan, &own, sizeof(own));
	m->names.count = 1;
}

static struct lower_device *device_add(struct lower *l)
{
	struct lower_device *d;

	l->device = lower_more(l, l->device, l->ndevices, &l->devices_cap,
			       sizeof(*l->device));
	d = &l->device[l->ndevices++];
	*d = (struct lower_device){ 0 };
	return d;
}

/* Is addr the own address of the interface that name belongs to? */
static bool base_has_address(const struct lower *l, const char name[FW_IFNAMSIZ],
			     __u32 addr)
{
	const struct fw_dev *d = l->options->devs;
	__u32 i;

	for (i = 0; i < l->options->ndevs; i++)
		if (d[i].addr == addr && same_base(d[i].name, name) &&
		    !name_is_alias(d[i].name))
			return true;
	return false;
}

/* the addresses by which aliases of name take packets away from it */
static unsigned int aliases_find(const struct lower *l, const char name[FW_IFNAMSIZ],
				 __u32 addr[ALIASES_MAX])
{
	const struct fw_dev *d = l->options->devs;
	unsigned int n = 0;
	__u32 i;

	for (i = 0; i < l->options->ndevs; i++) {
		if (!name_is_alias(d[i].name) || !same_base(d[i].name, name) ||
		    base_has_address(l, name, d[i].addr))
			continue;
		if (n < ALIASES_MAX)
			addr[n] = d[i].addr;
		n++;
	}
	return n;
}

void lower_report_addresses(struct lower *l)
{
	if (l->options->is_text)
		lower_report(l, PLAN_APPROXIMATE,
			     "exact only while interfaces keep the addresses that they have "
			     "now, because nothing adapts a text to others");
}

static void device_exclude_aliases(struct lower *l, struct lower_device *d,
				   const struct lower_view *v,
				   const char name[FW_IFNAMSIZ])
{
	__u32 addr[ALIASES_MAX];
	unsigned int n;

	if (!v->alias && !v->out)
		return;
	n = aliases_find(l, name, addr);
	if (!n)
		return;
	if (v->out) {
		lower_report(l, PLAN_APPROXIMATE,
			     "packets that leave by an alias of the interface match too, "
			     "for an alias is no interface of its own any more");
		lower_report_matches(l, true, false);
	} else if (n > ALIASES_MAX) {
		lower_report(l, PLAN_APPROXIMATE,
			     "the interface has so many aliases that packets to their "
			     "addresses match too");
		lower_report_matches(l, true, false);
	} else {
		lower_report_addresses(l);
		d->not_daddr = plan_copy(l->plan, addr, n * sizeof(addr[0]));
		d->nnot_daddr = n;
	}
}

static void alias_add(struct lower *l, const struct lower_view *v,
		      const struct fw_dev *dev)
{
	struct lower_device *d;

	if (!v->out && (!v->alias || base_has_address(l, dev->name, dev->addr)))
		return;	/* nothing is received by it */
	d = device_add(l);
	name_set(l, &d->name, v, dev->name);
	d->dev = dev;
	d->dmask = v->out ? dev->mask : ~0u;
	d->daddr = dev->addr & d->dmask;
	if (v->out)
		lower_report(l, PLAN_APPROXIMATE,
			     "the rule is for packets to the network of the alias, which is "
			     "no interface of its own any more");
	lower_report_addresses(l);
}

static void device_add_named(struct lower *l, const struct lower_view *v,
			     const struct fw_dev *dev, const char name[FW_IFNAMSIZ])
{
	struct lower_device *d;

	if (!name_is_possible(name))
		return;
	if (!plan_name_ok(l->plan->target, name_record(l, name))) {
		lower_report(l, PLAN_IMPOSSIBLE,
			     "the name of the interface cannot be written for this target");
		return;
	}
	if (dev && name_is_alias(name)) {
		alias_add(l, v, dev);
		return;
	}
	d = device_add(l);
	name_set(l, &d->name, v, name);
	d->dev = dev;
	if (!v->masqueraded)
		device_exclude_aliases(l, d, v, name);
}

static bool device_is_added(const struct lower *l, const char name[FW_IFNAMSIZ])
{
	unsigned int i;

	for (i = 0; i < l->ndevices; i++)
		if (fw_name_equal(l->device[i].dev->name, name))
			return true;
	return false;
}

/* -W alone: the name is known even where the interface is not */
static void devices_by_name(struct lower *l, const struct fw_rule *r,
			    const struct lower_view *v)
{
	const struct fw_dev *d = l->options->devs;
	__u32 i;

	for (i = 0; i < l->options->ndevs; i++) {
		if (fw_name_equal(d[i].name, r->vianame)) {
			device_add_named(l, v, &d[i], r->vianame);
			return;
		}
	}
	if (!name_is_alias(r->vianame))
		device_add_named(l, v, NULL, r->vianame);
	else
		lower_report(l, PLAN_APPROXIMATE,
			     plan_text(l->plan, "no interface has the alias %.*s here, so "
				       "the rule matches nothing until one has",
				       FW_IFNAMSIZ, r->vianame));
}

static void devices_by_address(struct lower *l, const struct fw_rule *r,
			       const struct lower_view *v)
{
	const struct fw_dev *d = l->options->devs;
	bool owned = false;
	__u32 i;

	for (i = 0; i < l->options->ndevs; i++) {
		if (d[i].addr != r->via)
			continue;
		owned = true;
		if ((!r->vianame[0] || fw_name_equal(d[i].name, r->vianame)) &&
		    !device_is_added(l, d[i].name))
			device_add_named(l, v, &d[i], d[i].name);
	}
	if (owned)
		lower_report_addresses(l);
	else
		lower_report(l, PLAN_APPROXIMATE,
			     plan_text(l->plan, "no interface has the address %u.%u.%u.%u "
				       "here, so the rule matches nothing until one has",
				       r->via >> 24, r->via >> 16 & 255, r->via >> 8 & 255,
				       r->via & 255));
}

/* Joins devices without conditions of their own into one set of names. */
static void devices_join(struct lower *l)
{
	const char **name;
	unsigned int i;

	for (i = 0; i < l->ndevices; i++)
		if (l->device[i].dmask || l->device[i].nnot_daddr)
			return;
	name = plan_alloc(l->plan, l->ndevices * sizeof(*name));
	for (i = 0; i < l->ndevices; i++)
		name[i] = l->device[i].name.names.item[0];
	l->device[0].name.names.item = name;
	l->device[0].name.names.count = l->ndevices;
	l->ndevices = 1;
}

/* What leaves masqueraded: each interface lends its own address. */
static void devices_lending(struct lower *l, const struct lower_view *v)
{
	const struct fw_dev *d = l->options->devs;
	__u32 i;

	for (i = 0; i < l->options->ndevs; i++)
		if (!name_is_alias(d[i].name))
			device_add_named(l, v, &d[i], d[i].name);
}

void lower_devices(struct lower *l, const struct fw_rule *r, const struct lower_view *v)
{
	l->ndevices = 0;
	if (!r->vianame[0] && !r->via) {
		device_add(l);
		if (v->masqueraded)
			devices_lending(l, v);
		return;
	}
	if (r->via)
		devices_by_address(l, r, v);
	else
		devices_by_name(l, r, v);
	if (l->ndevices > 1 && !v->single)
		devices_join(l);
}
