# apk-tools out of an unpacked Alpine, whose root is $1: one process per question.
root=$1
tab=$(printf '\t')
while IFS=$tab read -r a b; do
  case $("$root"/lib/ld-musl-*.so.1 --library-path "$root/lib:$root/usr/lib" "$root/sbin/apk" version -t "$a" "$b") in
    '<') echo -1 ;;
    '=') echo 0 ;;
    '>') echo 1 ;;
    *) echo x ;;
  esac
done
