// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * services.c - service names of systems of the 1990s.
 */
#include <string.h>

#include "kmod/core/rule.h"
#include "parser/nameservice.h"

#define T (1 << FW_KIND_TCP)
#define U (1 << FW_KIND_UDP)
#define B (T | U)

/* sorted by port; names are separated by NUL, the usual one is the first */
static const struct service {
	__u16 port;
	__u8 kinds;
	char names[48];		/* ends with two NUL; no pointer, to save relocations */
} services[] = {
	{ 1, T, "tcpmux" }, { 5, B, "rje" }, { 7, B, "echo" }, { 9, B, "discard\0sink\0null" },
	{ 11, T, "systat\0users" }, { 13, B, "daytime" }, { 15, T, "netstat" },
	{ 17, B, "qotd\0quote" }, { 18, B, "msp" }, { 19, B, "chargen\0ttytst\0source" },
	{ 20, T, "ftp-data" }, { 21, T, "ftp" }, { 21, U, "fsp\0fspd" }, { 22, B, "ssh" },
	{ 23, T, "telnet" }, { 25, T, "smtp\0mail" }, { 37, B, "time\0timserver\0timeserver" },
	{ 39, U, "rlp\0resource" }, { 42, B, "nameserver\0name\0iens116" },
	{ 43, T, "whois\0nicname" }, { 49, B, "tacacs" }, { 50, B, "re-mail-ck" },
	{ 53, B, "domain\0dns" }, { 57, T, "mtp" }, { 66, B, "sql*net" },
	{ 67, B, "bootps\0bootp" }, { 68, B, "bootpc" }, { 69, U, "tftp" }, { 70, B, "gopher" },
	{ 77, T, "netrjs" }, { 79, T, "finger" }, { 80, B, "http\0www\0www-http\0web" },
	{ 87, T, "link\0ttylink" }, { 88, B, "kerberos\0kerberos5\0krb5\0kerberos-sec" },
	{ 95, T, "supdup" }, { 98, T, "linuxconf" }, { 101, T, "hostnames\0hostname" },
	{ 102, T, "iso-tsap\0tsap" }, { 103, T, "x400\0iso-ip" }, { 104, T, "x400-snd" },
	{ 105, B, "csnet-ns\0cso-ns\0csnet\0cso\0ph" }, { 106, B, "3com-tsmux" },
	{ 106, T, "poppassd" }, { 107, B, "rtelnet" }, { 109, B, "pop2\0pop-2\0postoffice" },
	{ 110, B, "pop3\0pop-3\0pop" }, { 111, B, "sunrpc\0portmapper\0portmap\0rpcbind\0rpc" },
	{ 113, B, "auth\0ident\0identd\0tap\0authentication" }, { 115, T, "sftp" },
	{ 117, T, "uucp-path" }, { 119, B, "nntp\0readnews\0untp\0news\0usenet" },
	{ 123, B, "ntp\0ntpd\0xntp" }, { 135, B, "loc-srv\0epmap" },
	{ 137, B, "netbios-ns\0nbns" }, { 138, B, "netbios-dgm\0nbdgm" },
	{ 139, B, "netbios-ssn\0nbssn" }, { 139, T, "netbios" },
	{ 143, B, "imap2\0imap\0imap4" }, { 144, T, "NeWS" }, { 150, B, "sql-net" },
	{ 161, B, "snmp" }, { 162, B, "snmp-trap\0snmptrap" }, { 163, B, "cmip-man" },
	{ 164, B, "cmip-agent" }, { 174, B, "mailq" }, { 177, B, "xdmcp" },
	{ 178, B, "nextstep\0NeXTStep\0NextStep" }, { 179, B, "bgp" }, { 191, B, "prospero" },
	{ 194, B, "irc" }, { 199, B, "smux" }, { 201, B, "at-rtmp" }, { 202, B, "at-nbp" },
	{ 204, B, "at-echo" }, { 206, B, "at-zis" }, { 209, B, "qmtp" },
	{ 210, B, "z3950\0wais" }, { 213, B, "ipx" }, { 220, B, "imap3" },
	{ 363, B, "rsvp_tunnel" }, { 369, B, "rpc2portmap" }, { 370, B, "codaauth2" },
	{ 372, B, "ulistserv\0ulistproc" }, { 389, B, "ldap" }, { 427, B, "svrloc" },
	{ 434, B, "mobileip-agent" }, { 443, B, "https" }, { 444, B, "snpp" },
	{ 445, B, "microsoft-ds" }, { 464, B, "kpasswd" }, { 465, T, "ssmtp\0smtps" },
	{ 468, B, "photuris" }, { 487, B, "saft" }, { 488, B, "gss-http" },
	{ 496, B, "pim-rp-disc" }, { 500, B, "isakmp" }, { 500, U, "ike" }, { 512, T, "exec" },
	{ 512, U, "biff\0comsat" }, { 513, T, "login" }, { 513, U, "who\0whod" },
	{ 514, T, "shell\0cmd\0rsh" }, { 514, U, "syslog" },
	{ 515, T, "printer\0spooler\0lpd\0lpr" }, { 517, U, "talk" }, { 518, U, "ntalk" },
	{ 519, B, "utime\0unixtime" }, { 520, T, "efs" },
	{ 520, U, "route\0router\0routed\0rip" }, { 525, U, "timed" },
	{ 526, T, "tempo\0newdate" }, { 530, T, "courier" }, { 531, T, "conference\0chat" },
	{ 532, T, "netnews" }, { 533, U, "netwall" }, { 538, B, "gdomap" },
	{ 540, T, "uucp\0uucpd" }, { 543, T, "klogin" }, { 544, T, "kshell\0krcmd" },
	{ 548, B, "afpovertcp" }, { 550, U, "new-rwho\0new-who" },
	{ 556, T, "remotefs\0rfs_server\0rfs" }, { 560, U, "rmonitor\0rmonitord" },
	{ 561, U, "monitor" }, { 563, B, "nntps" }, { 563, T, "snntp" }, { 565, T, "whoami" },
	{ 587, B, "submission" }, { 610, B, "npmp-local\0dqs313_qmaster" },
	{ 611, B, "npmp-gui\0dqs313_execd" }, { 612, B, "hmmp-ind" }, { 631, B, "ipp" },
	{ 635, U, "mount\0mountd" }, { 636, B, "ldaps\0ssl-ldap" }, { 640, U, "pcnfs" },
	{ 650, U, "bwnfs" }, { 666, B, "doom" }, { 666, T, "mdqs" }, { 674, B, "acap" },
	{ 749, B, "kerberos-adm\0kadmin" }, { 750, B, "kerberos4\0kerberos-iv\0kdc" },
	{ 751, B, "kerberos_master" }, { 752, U, "passwd_server" },
	{ 754, T, "krb_prop\0krb5_prop" }, { 760, T, "krbupdate\0kreg" },
	{ 761, T, "kpasswd4" }, { 765, B, "webster" }, { 767, B, "phonebook" },
	{ 775, T, "moira_db" }, { 777, T, "moira_update" }, { 779, U, "moira_ureg" },
	{ 783, T, "spamd" }, { 871, T, "supfilesrv" }, { 873, B, "rsync" }, { 901, T, "swat" },
	{ 989, T, "ftps-data" }, { 990, T, "ftps" }, { 992, T, "telnets" }, { 993, B, "imaps" },
	{ 993, T, "simap" }, { 994, B, "ircs" }, { 995, B, "pop3s" }, { 995, T, "spop3" },
	{ 1008, B, "ufsd" }, { 1080, B, "socks" }, { 1127, T, "supfiledbg" },
	{ 1178, T, "skkserv" }, { 1236, T, "rmtcfg" }, { 1313, T, "xtel" },
	{ 1352, B, "lotusnote\0lotusnotes" }, { 1352, T, "lotus" }, { 1433, B, "ms-sql-s" },
	{ 1434, B, "ms-sql-m" }, { 1494, B, "ica" }, { 1494, T, "citrix" },
	{ 1524, B, "ingreslock" }, { 1525, B, "orasrv\0prospero-np" }, { 1528, B, "tkinter" },
	{ 1529, T, "support\0prmsd\0gnatsd" }, { 1645, B, "datametrics" },
	{ 1645, U, "radius" }, { 1645, B, "old-radius" }, { 1646, B, "sa-msg-port" },
	{ 1646, U, "radacct" }, { 1646, B, "old-radacct" }, { 1649, B, "kermit" },
	{ 1701, B, "l2tp\0l2f" }, { 1720, B, "h323hostcall" }, { 1720, T, "h323" },
	{ 1723, T, "pptp" }, { 1813, B, "radius-acct" }, { 2003, T, "cfinger" },
	{ 2049, B, "nfs\0nfsd\0shilp" }, { 2053, T, "knetd" }, { 2102, U, "zephyr-srv" },
	{ 2103, U, "zephyr-clt" }, { 2104, U, "zephyr-hm" }, { 2105, T, "eklogin" },
	{ 2106, T, "ekshell" }, { 2108, T, "rkinit" }, { 2150, B, "ninstall" },
	{ 2401, B, "cvspserver" }, { 2628, B, "dict" }, { 2766, T, "listen\0nlps_srv" },
	{ 2988, B, "afbackup" }, { 3128, T, "squid\0squid-http" }, { 3130, B, "icp" },
	{ 3306, B, "mysql" }, { 3389, T, "rdp\0ms-wbt-server" }, { 4000, U, "icq" },
	{ 4000, B, "terabase" }, { 4321, B, "rwhois" }, { 4444, B, "krb524\0nv-video" },
	{ 4557, T, "fax" }, { 4559, T, "hylafax" }, { 5002, B, "rfe" }, { 5050, B, "mmcc" },
	{ 5190, B, "aol" }, { 5190, T, "aim" }, { 5432, B, "postgres\0postgresql" },
	{ 5631, T, "pcanywheredata" }, { 5632, B, "pcanywherestat" }, { 5900, T, "vnc" },
	{ 6000, B, "X11" }, { 6000, B, "x11" }, { 6000, T, "x" }, { 7000, B, "afs3-fileserver" },
	{ 7000, T, "bbs" }, { 7070, B, "realaudio\0real-audio\0arcp" },
	{ 7100, B, "font-service" }, { 7100, T, "xfs\0xfont" },
	{ 7648, B, "cucme-control\0cuseeme\0cu-seeme" },
	{ 8080, B, "http-alt\0webcache\0http-proxy" }, { 8080, T, "proxy\0www-cache" },
	{ 8081, B, "tproxy" }, { 20011, B, "isdnlog" }, { 20012, B, "vboxd" },
	{ 24554, T, "binkp" }, { 26000, B, "quake" }, { 33434, B, "traceroute" },
	{ 60177, T, "tfido" }, { 60179, T, "fido" },
};

static bool service_is(const struct service *s, unsigned int kind)
{
	return s->kinds & 1 << kind;
}

int services_port(const char *name, unsigned int kind)
{
	const char *known;
	unsigned int i = 0;

	while ((known = services_next(&i, kind)))
		if (strcmp(known, name) == 0)
			return services[i / sizeof(services->names)].port;
	return -1;
}

const char *services_name(__u16 port, unsigned int kind)
{
	for (const struct service *s = services; s < services + FW_COUNT(services); s++)
		if (service_is(s, kind) && s->port == port)
			return s->names;
	return NULL;
}

/* *i: the index of the row, times the size of its names, and the offset in these */
const char *services_next(unsigned int *i, unsigned int kind)
{
	const unsigned int size = sizeof(services->names);

	for (; *i / size < FW_COUNT(services); *i += size - *i % size) {
		const struct service *s = &services[*i / size];
		const char *name = s->names + *i % size;

		if (!service_is(s, kind) || !*name)
			continue;
		*i += (unsigned int)strlen(name) + 1;
		return name;
	}
	return NULL;
}
