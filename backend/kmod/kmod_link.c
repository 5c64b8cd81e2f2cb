// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod_link.c - a generic netlink socket to the module.
 */
#include "backend/kmod/kmod_link.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

static int request_begin(struct kmod_request *r, __u16 family, __u8 command, __u8 version)
{
	struct genlmsghdr *g;

	r->cap = 2 * KMOD_ROOM;
	r->message = malloc(r->cap);
	if (!r->message)
		return -ENOMEM;
	mnl_nlmsg_put_header(r->message);
	r->message->nlmsg_type = family;
	g = mnl_nlmsg_put_extra_header(r->message, sizeof(*g));
	g->cmd = command;
	g->version = version;
	return 0;
}

int kmod_request_begin(struct kmod_request *r, const struct kmod_link *l, __u8 command)
{
	return request_begin(r, l->family, command, IPFWADM_FAMILY_VERSION);
}

void kmod_request_free(struct kmod_request *r)
{
	free(r->message);
	*r = (struct kmod_request){ 0 };
}

int kmod_request_grow(struct kmod_request *r)
{
	struct nlmsghdr *bigger;

	if (r->cap - r->message->nlmsg_len >= KMOD_ROOM)
		return 0;
	bigger = realloc(r->message, 2 * r->cap);
	if (!bigger)
		return -ENOMEM;
	r->message = bigger;
	r->cap *= 2;
	return 0;
}

int kmod_link_query(struct kmod_link *l, struct kmod_request *r, bool dump,
		    netlink_message_fn on_message, void *ctx, struct netlink_refusal *why)
{
	r->message->nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	return netlink_query(&l->netlink, r->message, on_message, ctx, why);
}

static void groups_read(struct kmod_link *l, const struct nlattr *groups)
{
	struct netlink_attrs all = netlink_attrs_in(groups);
	const struct nlattr *group, *id;

	while ((group = netlink_attrs_next(&all))) {
		id = netlink_attr_find(group, CTRL_ATTR_MCAST_GRP_ID);
		if (id && !mnl_attr_validate(id, MNL_TYPE_U32) &&
		    netlink_attr_is(netlink_attr_find(group, CTRL_ATTR_MCAST_GRP_NAME),
				    IPFWADM_GROUP_CONNS))
			l->conns_group = mnl_attr_get_u32(id);
	}
}

static int family_read(const struct nlmsghdr *h, void *ctx)
{
	struct kmod_link *l = ctx;
	const struct nlattr *a;

	mnl_attr_for_each (a, h, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(a, MNL_TYPE_U16))
			l->family = mnl_attr_get_u16(a);
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GROUPS)
			groups_read(l, a);
	}
	return 0;
}

static int family_find(struct kmod_link *l, struct fw_error *e)
{
	struct kmod_request r;
	int err = request_begin(&r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);

	if (err)
		return fw_error_set(e, ENOMEM, "out of memory");
	mnl_attr_put_strz(r.message, CTRL_ATTR_FAMILY_NAME, IPFWADM_FAMILY);
	err = kmod_link_query(l, &r, false, family_read, l, NULL);
	kmod_request_free(&r);
	if (err == -ENOENT || (!err && !l->family))
		return fw_error_set(e, ENOENT, "module ipfwadm is not loaded");
	if (err)
		return fw_error_set(e, -err, "cannot look for module ipfwadm: %s",
				    strerror(-err));
	return 0;
}

int kmod_link_open(struct kmod_link *l, struct fw_error *e)
{
	int err;

	*l = (struct kmod_link){ .family = 0 };
	err = netlink_open(&l->netlink, NETLINK_GENERIC, e);
	if (!err)
		err = family_find(l, e);
	if (err)
		kmod_link_close(l);
	return err;
}

void kmod_link_close(struct kmod_link *l)
{
	netlink_close(&l->netlink);
}
