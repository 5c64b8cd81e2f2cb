// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-nft-origin.c - any bytes as the user data of a kernel rule.  What is
 * understood must be written and read back as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backend/nft/nft_origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool origins_same(const struct nft_origin *a, const struct nft_origin *b)
{
	return a->kind == b->kind && a->list == b->list && a->order == b->order &&
	       !memcmp(&a->settings, &b->settings, sizeof(a->settings)) &&
	       fw_rule_equal(&a->rule, &b->rule) && a->rule.nsp == b->rule.nsp &&
	       !memcmp(a->rule.pts, b->rule.pts, sizeof(a->rule.pts)) &&
	       a->rule.tosand == b->rule.tosand && a->rule.tosxor == b->rule.tosxor &&
	       !strcmp(a->rule.comment, b->rule.comment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nft_origin o, again;
	struct nft_udata u;

	nft_origin_comment(data, size);
	if (nft_origin_read(&o, data, size))
		return 0;
	nft_origin_write(&u, NULL, &o);
	if (u.len > NFT_UDATA_MAX || nft_origin_read(&again, u.byte, u.len) ||
	    !origins_same(&o, &again))
		abort();
	return 0;
}
