// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipfwadm/command/pcap_file.h"

#include <dlfcn.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "kmod/core/entry.h"

#define LIBRARY "libpcap.so.0.8"
#define ETHERNET_IPV4 0x0800
#define ETHERNET_VLAN 0x8100

struct pcap_file {
	const struct app *app;
	const char *path;
	void *library;
	pcap_t *pcap;
	int link;
	bool begun;
	struct timeval first;
	pcap_t *(*open)(const char *path, char *error);
	int (*datalink)(pcap_t *p);
	int (*next)(pcap_t *p, struct pcap_pkthdr **header, const u_char **bytes);
	char *(*error)(pcap_t *p);
	void (*close)(pcap_t *p);
};

static bool library_load(struct pcap_file *f)
{
	f->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!f->library)
		return false;
	*(void **)&f->open = dlsym(f->library, "pcap_open_offline");
	*(void **)&f->datalink = dlsym(f->library, "pcap_datalink");
	*(void **)&f->next = dlsym(f->library, "pcap_next_ex");
	*(void **)&f->error = dlsym(f->library, "pcap_geterr");
	*(void **)&f->close = dlsym(f->library, "pcap_close");
	return f->open && f->datalink && f->next && f->error && f->close;
}

struct pcap_file *pcap_file_open(const struct app *app, const char *path)
{
	struct pcap_file *f = calloc(1, sizeof(*f));
	char error[PCAP_ERRBUF_SIZE] = "out of memory";

	if (!f) {
		app_error(app, "out of memory");
		return NULL;
	}
	f->app = app;
	f->path = path;
	if (!library_load(f)) {
		app_error(app, "--pcap needs " LIBRARY);
		pcap_file_close(f);
		return NULL;
	}
	f->pcap = f->open(path, error);
	if (!f->pcap) {
		app_error(app, "%s", error);
		pcap_file_close(f);
		return NULL;
	}
	f->link = f->datalink(f->pcap);
	return f;
}

void pcap_file_close(struct pcap_file *f)
{
	if (!f)
		return;
	if (f->pcap)
		f->close(f->pcap);
	if (f->library)
		dlclose(f->library);
	free(f);
}

static __u32 get16(const __u8 *at)
{
	return (__u32)at[0] << 8 | at[1];
}

/* Bytes before the IPv4 header, -1 if there is none. */
static int link_length(int link, const __u8 *bytes, __u32 len)
{
	switch (link) {
	case DLT_EN10MB:
		if (len >= 18 && get16(bytes + 12) == ETHERNET_VLAN)
			return get16(bytes + 16) == ETHERNET_IPV4 ? 18 : -1;
		return len >= 14 && get16(bytes + 12) == ETHERNET_IPV4 ? 14 : -1;
	case DLT_LINUX_SLL:
		return len >= 16 && get16(bytes + 14) == ETHERNET_IPV4 ? 16 : -1;
	case DLT_LINUX_SLL2:
		return len >= 20 && get16(bytes) == ETHERNET_IPV4 ? 20 : -1;
	case DLT_NULL:
	case DLT_LOOP:
		return 4;
	case DLT_RAW:
	case DLT_IPV4:
		return 0;
	default:
		return -1;
	}
}

int pcap_file_next(struct pcap_file *f, const __u8 **ip, __u32 *len, __u32 *at)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int result, skip;
	__s64 us;

	while ((result = f->next(f->pcap, &header, &bytes)) == 1) {
		if (!f->begun)
			f->first = header->ts;
		f->begun = true;
		skip = link_length(f->link, bytes, header->caplen);
		if (skip < 0 || header->caplen < (__u32)skip + 20 || bytes[skip] >> 4 != 4)
			continue;
		us = (__s64)(header->ts.tv_sec - f->first.tv_sec) * 1000000 +
		     (header->ts.tv_usec - f->first.tv_usec);
		*at = us > 0 ? (__u32)(us / (1000000 / FW_TRACK_HZ)) : 0;
		*ip = bytes + skip;
		*len = header->caplen - (__u32)skip;
		return 1;
	}
	if (result == PCAP_ERROR_BREAK)
		return 0;
	app_error(f->app, "%s: %s", f->path, f->error(f->pcap));
	return -1;
}
