/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recorded.h - what the recordings of the 2.0 kernel have in common.
 */
#ifndef TESTS_RECORDED_H
#define TESTS_RECORDED_H

#include <jansson.h>

#include "backend/ruleset.h"

#define RECORDED_DEVS 8

/* dotted quad; 0 if it is none, or NULL */
__u32 recorded_addr(const char *text);

/* the members of a recorded packet; len 0 stands for the headers alone */
void recorded_packet(struct fw_packet *pkt, const json_t *packet);

struct recorded_devs {
	struct fw_dev dev[RECORDED_DEVS];
	__u32 count;
};

/* {"eth0": "192.0.2.1"} or {"eth0": ["192.0.2.1", "255.255.255.0"]} */
void recorded_devs(struct recorded_devs *devs, const json_t *object);
const struct fw_dev *recorded_dev(const struct recorded_devs *devs, const char *name);

/* Is addr the address of one of them? */
bool recorded_is_own(const struct recorded_devs *devs, __u32 addr);

/*
 * Carries out a command line of rules: 0, the errno of the first edit that was
 * refused, or -1 if the parser refused the line.
 */
int recorded_command(struct fw_ruleset *rs, const char *line);

#endif
