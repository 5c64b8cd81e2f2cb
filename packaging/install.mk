# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is installed, and where: a part of the Makefile above.

PREFIX ?= /usr/local
sbindir = $(DESTDIR)$(PREFIX)/sbin
libdir = $(DESTDIR)$(PREFIX)/lib/ipfwadm
pages = $(foreach p,$(wildcard man/*),\
	$(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $p))/$(notdir $p))
completions = $(addprefix $(DESTDIR)$(PREFIX)/share/,bash-completion/completions/ipfwadm \
	zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)/_ipfwadm \
	fish/vendor_completions.d/ipfwadm.fish)
modprobedir = $(DESTDIR)$(PREFIX)/lib/modprobe.d
docdir = $(DESTDIR)$(PREFIX)/share/doc/ipfwadm
unitdir = $(DESTDIR)$(PREFIX)/lib/systemd/system
# where scripts of 1996 look for it: a link, unless it is there
sbinlink = $(if $(filter /usr /,$(PREFIX)),,$(DESTDIR)/sbin/ipfwadm)
# what runs hooks looks nowhere else, whatever PREFIX is
hooks = $(patsubst %,$(DESTDIR)/etc/%/ipfwadm,network/if-up.d network/if-post-down.d \
	networkd-dispatcher/routable.d networkd-dispatcher/off.d ppp/ip-up.d ppp/ip-down.d)

install: all
	install -D -m 755 -t $(sbindir) $(addprefix $(B)/bin/,$(programs))
	for name in $(aliases); do ln -sf ipfwadm $(sbindir)/$$name || exit; done
	install -D -m 755 -t $(libdir) $(clients)
	cp -RP $(libraries) $(B)/lib/ipfwadm $(libdir)/..
	for page in $(pages); do install -D -m 644 man/$${page##*/} $$page || exit; done
	set -- $(completions); for script in ipfwadm.bash _ipfwadm ipfwadm.fish; do \
		install -D -m 644 packaging/completion/$$script $$1 && shift || exit; done
	install -D -m 644 packaging/modprobe.d/ipfwadm.conf $(modprobedir)/ipfwadm.conf
	install -D -m 644 -t $(unitdir) packaging/ipfwadm.service packaging/ipfwadm-closed.service
	$(if $(sbinlink),mkdir -p $(DESTDIR)/sbin && ln -sf $(PREFIX)/sbin/ipfwadm $(sbinlink))
	for hook in $(hooks); do install -D -m 755 packaging/hooks/ipfwadm $$hook || exit; done
	install -D -m 644 -t $(docdir)/examples packaging/examples/*

uninstall:
	rm -f $(addprefix $(sbindir)/,$(programs) $(aliases)) \
		$(libraries:$(B)/lib/%=$(libdir)/../%) \
		$(completions) $(pages) $(modprobedir)/ipfwadm.conf $(hooks) \
		$(unitdir)/ipfwadm.service $(unitdir)/ipfwadm-closed.service $(sbinlink)
	rm -rf $(libdir) $(docdir)/examples
	rmdir $(docdir) 2>/dev/null || :

deb: all
	$(Q)packaging/deb $(B)
