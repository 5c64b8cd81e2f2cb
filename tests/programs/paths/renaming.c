// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * renaming.c - masquerade ports: what the recording calls them and what they are.
 */
#include "tests/programs/paths/renaming.h"

#include "kmod/core/conn.h"

static struct renamed name_of(const struct fw_packet *inside,
			      const struct fw_packet *recorded,
			      const struct fw_packet *live)
{
	bool icmp = recorded->proto == FW_PROTO_ICMP;

	return (struct renamed){
		.proto = recorded->proto,
		.peer = recorded->daddr,
		.peer_port = icmp ? recorded->icmp_type : recorded->dport,
		.recorded = icmp ? recorded->icmp_id : recorded->sport,
		.live = icmp ? live->icmp_id : live->sport,
		.inner = inside->saddr,
		.inner_port = icmp ? inside->icmp_id : inside->sport,
	};
}

static bool same_peer(const struct renamed *a, const struct renamed *b)
{
	return a->proto == b->proto && a->peer == b->peer && a->peer_port == b->peer_port;
}

/* the same port towards the same peer */
static bool clashes(const struct renamed *a, const struct renamed *b)
{
	return a->live == b->live && same_peer(a, b);
}

bool renaming_learn(struct renaming *n, const struct fw_packet *inside,
		    const struct fw_packet *recorded, const struct fw_packet *live)
{
	struct renamed new = name_of(inside, recorded, live), *known = NULL;
	bool one_to_one = true;
	unsigned int i;

	for (i = 0; i < n->n; i++) {
		struct renamed *old = &n->item[i];

		if (old->proto == new.proto && old->recorded == new.recorded)
			known = old;
		else if (clashes(old, &new))
			one_to_one = false;
	}
	if (!known) {
		if (n->n == RENAMING_MAX)
			return false;
		n->item[n->n++] = new;
		return one_to_one;
	}
	one_to_one &= known->live == new.live;
	*known = new;
	return one_to_one;
}

bool renaming_is_exact(const struct renaming *n)
{
	unsigned int i;

	for (i = 0; i < n->n; i++)
		if (n->item[i].live != n->item[i].recorded)
			return false;
	return true;
}

const struct renamed *renaming_find(const struct renaming *n, __u8 proto, __u16 recorded)
{
	unsigned int i;

	for (i = 0; i < n->n; i++)
		if (n->item[i].proto == proto && n->item[i].recorded == recorded)
			return &n->item[i];
	return NULL;
}

/* ICMP: a reply has the type below that of its request, but for echo. */
static struct renamed answered_by(const struct fw_packet *answer)
{
	bool icmp = answer->proto == FW_PROTO_ICMP;
	__u16 request = answer->icmp_type == FW_ICMP_ECHOREPLY ? FW_ICMP_ECHO :
								 answer->icmp_type - 1;

	return (struct renamed){
		.proto = answer->proto,
		.peer = answer->saddr,
		.peer_port = icmp ? request : answer->sport,
		.recorded = icmp ? answer->icmp_id : answer->dport,
	};
}

const struct renamed *renaming_answered(const struct renaming *n,
					const struct fw_packet *recorded)
{
	const struct renamed like = answered_by(recorded);
	const struct renamed *name = renaming_find(n, like.proto, like.recorded);

	return name && same_peer(name, &like) ? name : NULL;
}

static bool is_taken(const struct renaming *n, const struct renamed *like)
{
	unsigned int i;

	for (i = 0; i < n->n; i++)
		if (clashes(&n->item[i], like))
			return true;
	return false;
}

__u16 renaming_destination(const struct renaming *n, const struct fw_packet *recorded)
{
	const struct renamed *name = renaming_answered(n, recorded);
	struct renamed like = answered_by(recorded);

	if (name)
		return name->live;
	name = renaming_find(n, like.proto, like.recorded);
	like.live = name ? name->live : like.recorded;
	while (is_taken(n, &like))
		like.live = like.live + 1 < FW_MASQ_PORT_END ? like.live + 1 :
							       FW_MASQ_PORT_FIRST;
	return like.live;
}
