#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What compgen -W prints in zsh, whose bashcompinit has it for completion scripts that were written
# for bash.
#
# One would guess:  only the words that begin with the prefix, as in bash: web and whois for `-W
#                   "web whois ftp" -- w`.
# What is:          all three words. The line of the function that would filter them is a comment.
#                   With the Tab key nothing shows, because zsh's own matcher drops the others
#                   afterwards. For no words at all it prints an empty line, and bash prints
#                   nothing.
# Why it matters:   a script that counts the matches (offer files if there are none, add a slash if
#                   there is one) takes another branch in zsh; a test that calls the function
#                   without the Tab key fails in zsh alone.
# Seen with:        zsh 5.9 and bash 5.2.15.  2026-11-30.
set -eu
command -v zsh >/dev/null || { echo 'zsh is not installed'; exit 2; }
command -v bash >/dev/null || { echo 'bash is not installed'; exit 2; }
zsh --version
bash --version | head -n 1
in_bash=$(bash --norc -c 'compgen -W "web whois ftp" -- w' | tr '\n' ' ')
in_zsh=$(zsh -fc 'autoload -U compinit && compinit -D; autoload -U +X bashcompinit && bashcompinit
                  compgen -W "web whois ftp" -- w' | tr '\n' ' ')
echo "bash: $in_bash"
echo "zsh:  $in_zsh"
[ "$in_bash" = 'web whois ' ] && [ "$in_zsh" = 'web whois ftp ' ]
