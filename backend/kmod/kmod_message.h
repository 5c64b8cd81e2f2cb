/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmod_message.h - the contents of messages to and from the module.
 *
 * The put functions need KMOD_ROOM bytes of free space in the message.  The read functions
 * return 0, or -EPROTO if the module's message is invalid.
 */
#ifndef BACKEND_KMOD_MESSAGE_H
#define BACKEND_KMOD_MESSAGE_H

#include "backend/kmod/kmod_link.h"
#include "kmod/core/track_timeouts.h"

void kmod_edit_put(struct nlmsghdr *h, const struct fw_edit *e);
void kmod_packet_put(struct nlmsghdr *h, const struct fw_packet *pkt);
void kmod_device_put(struct nlmsghdr *h, const struct fw_dev *dev);

/* Reads policies and timeouts into *rs. */
int kmod_status_read(const struct nlmsghdr *h, struct fw_ruleset *rs, __u32 *generation);

/* A rule that chooses connections. */
void kmod_filter_put(struct nlmsghdr *h, const struct fw_rule *r);

/* A timeout to be set. */
void kmod_track_timeout_put(struct nlmsghdr *h, const struct track_timeout *timeout);

/* Reads the tracker's timeouts of a status; those that it lacks are kept. */
int kmod_track_timeouts_read(const struct nlmsghdr *h, __u32 seconds[FW_TIMEOUTS]);

/* Reads IPFWADM_FEATURE_* of a status. */
int kmod_features_read(const struct nlmsghdr *h, __u32 *features);

/* Appends the rules and forwards of a message to *rs; may also return -ENOMEM. */
int kmod_rules_read(const struct nlmsghdr *h, struct fw_ruleset *rs, __u32 *generation);

int kmod_decision_read(const struct nlmsghdr *h, struct fw_decision *d);

/*
 * Finds the edit, and the field of it, that an offset in a message belongs to.  Returns
 * false if it is not in an edit.
 */
bool kmod_edit_find(const struct nlmsghdr *h, __u32 offset, size_t *edit,
		    enum fw_field *field);

#endif
