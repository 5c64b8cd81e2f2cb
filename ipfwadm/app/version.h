/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version.h - the version of all programs.
 */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#define IPFWADM_VERSION "3.0"

#endif
