/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kmod.h - backend of the kernel module ipfwadm.ko.
 */
#ifndef BACKEND_KMOD_H
#define BACKEND_KMOD_H

#include "backend/backend.h"

extern const struct backend_ops kmod_ops;

#endif
