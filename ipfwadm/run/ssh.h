/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ssh.h - would rules cut the ssh connection by which they are loaded?
 */
#ifndef IPFWADM_SSH_H
#define IPFWADM_SSH_H

#include "ipfwadm/app/app.h"

/*
 * The connection is that of SSH_CONNECTION, or, because sudo and su remove that, of the
 * sshd among the parents of this process.  If b would cut it with the rules rs, reports
 * the rule that decides and asks at a terminal.  Returns 0, also if there is no such
 * connection or it is to be cut (force, or a person says so); else -EPERM.
 */
int ssh_check(const struct app *app, struct backend *b, const struct fw_ruleset *rs, bool force);

#endif
