/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcap_file.h - the IPv4 packets of a capture, read by libpcap.
 *
 * The library is loaded when it is needed, so that only trace --pcap depends on it.
 */
#ifndef IPFWADM_PCAP_FILE_H
#define IPFWADM_PCAP_FILE_H

#include "ipfwadm/app/app.h"

struct pcap_file;

/* NULL after a message. */
struct pcap_file *pcap_file_open(const struct app *app, const char *path);
void pcap_file_close(struct pcap_file *f);

/*
 * The next packet that begins with an IPv4 header: 1, with its bytes, valid until the
 * next call, and *at in ticks since the first.  0 at the end, -1 after a message.
 */
int pcap_file_next(struct pcap_file *f, const __u8 **ip, __u32 *len, __u32 *at);

#endif
