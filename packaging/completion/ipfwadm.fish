# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of ipfwadm for fish: the program itself knows the candidates.

function __ipfwadm_complete
	set -l words (commandline -opc) (commandline -ct)
	for line in ($words[1] complete -- $words[2..] 2>/dev/null)
		if test "$line" = \t
			__fish_complete_path (commandline -ct)
		else
			echo $line
		end
	end
end
complete -c ipfwadm -f -a '(__ipfwadm_complete)'
