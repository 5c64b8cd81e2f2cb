/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - rules, connections and packets as JSON.
 *
 * What could not be allocated is missing in a document;
 * see app_json_exhausted().
 */
#ifndef IPFWADM_JSON_H
#define IPFWADM_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "backend/backend.h"
#include "ipfwadm/app/app.h"
#include "ipfwadm/format/saved.h"

/* a rule as an object: numbers and words, and its canonical command */
json_t *json_rule(enum fw_list_id list, const struct fw_rule *r, bool counters);

/* the name of an interface, at most FW_IFNAMSIZ bytes; as saved unless it is UTF-8 */
json_t *json_name(const char *name);

/* a port forward as an object */
json_t *json_portfw(const struct fw_portfw *f);

/* a packet as an object: protocol, addresses, ports, flags, tos, ... */
json_t *json_packet(const struct fw_packet *pkt);

/* Each is the document of a run, see ipfwadm/app/document.h. */
void json_list_write(const struct app *app, enum fw_list_id id, const struct fw_list *list);
void json_ruleset_write(const struct app *app, const struct fw_ruleset *rs,
			const struct fw_interfaces *ifs, const struct rule_origins *origins,
			bool counters);
void json_portfw_write(const struct app *app, const struct fw_portfw_table *table);
void json_connections_write(const struct app *app, const struct fw_conn *conn, size_t n, __u64 now);

/* One object on one line, without a newline: an element of a list that is being written. */
void json_tracked_write(FILE *out, const struct track_conn *conn);

/* The members of an event: "ended", say, of this connection. */
json_t *json_tracked_event(const char *event, const struct track_conn *conn);

/* A document of one member, whose value is released. */
void json_write_member(const struct app *app, const char *name, json_t *value);

#endif
