/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmod_message.h - what the messages to and from the module mean.
 *
 * What is put needs KMOD_ROOM bytes in the message.  What is read is 0, or -EPROTO
 * when the module tells what cannot be.
 */
#ifndef BACKEND_KMOD_MESSAGE_H
#define BACKEND_KMOD_MESSAGE_H

#include "backend/kmod/kmod_link.h"

void kmod_edit_put(struct nlmsghdr *h, const struct fw_edit *e);
void kmod_packet_put(struct nlmsghdr *h, const struct fw_packet *pkt);
void kmod_device_put(struct nlmsghdr *h, const struct fw_dev *dev);

/* Sets the policies and timeouts of *rs. */
int kmod_status_read(const struct nlmsghdr *h, struct fw_ruleset *rs, __u32 *generation);

/* Appends the rules of a message to *rs; also -ENOMEM. */
int kmod_rules_read(const struct nlmsghdr *h, struct fw_ruleset *rs, __u32 *generation);

int kmod_decision_read(const struct nlmsghdr *h, struct fw_decision *d);

/*
 * The attribute at that offset of a message with edits: which edit it is in, and what
 * it is about.  Returns false if it is in none.
 */
bool kmod_edit_find(const struct nlmsghdr *h, __u32 offset, size_t *edit,
		    enum fw_field *field);

#endif
