# pacman's vercmp: one process per question.
tab=$(printf '\t')
while IFS=$tab read -r a b; do vercmp "$a" "$b"; done
