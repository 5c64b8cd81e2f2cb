// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump.c - rules translated for other programs.
 */
#include <getopt.h>
#include <stdlib.h>

#include "backend/choose.h"
#include "backend/ruleset.h"
#include "ipfwadm/command/subcommands.h"
#include "ipfwadm/format/rules_dump.h"

int command_dump(struct app *app, int argc, char **argv)
{
	static const struct option options[] = {
		{ "maps", no_argument, NULL, 'm' },
		{ "partial", no_argument, NULL, 'p' },
		{ "prove", no_argument, NULL, 'P' },
		{ NULL, 0, NULL, 0 },
	};
	struct fw_interfaces ifs = { 0 };
	struct fw_ruleset rs;
	struct rules_dump d = { .rs = &rs, .ifs = &ifs };
	const struct dump_format *format;
	int c, status;

	while ((c = app_option(app, argc, argv, "v", options)) != -1) {
		if (c == 'm')
			d.maps = true;
		else if (c == 'p')
			d.partial = true;
		else if (c == 'P')
			d.prove = true;
		else if (c == 'v')
			d.notes = true;
		else
			return app_usage(app, argv[0]);
	}
	if (argc - optind > 2)
		return app_word_refuse(app, argv[0], argv[0], argv[optind + 2], NULL);
	if (optind == argc)
		return app_usage(app, argv[0]);
	format = rules_dump_format(app, argv[optind]);
	if (!format)
		return STATUS_USAGE;
	fw_ruleset_init(&rs);
	status = command_rules_read(app, optind + 1 < argc ? argv[optind + 1] : NULL, false, &rs,
				    &ifs);
	if (optind + 1 == argc)
		app_other_backends_warn(app, app->backend ? app->backend :
							    backend_choose(NULL, 0, NULL));
	if (status == STATUS_OK)
		status = rules_dump(app, format, &d);
	free(ifs.dev);
	fw_ruleset_free(&rs);
	return status;
}
