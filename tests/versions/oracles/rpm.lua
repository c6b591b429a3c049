-- rpm itself, through `rpm --eval '%{lua: ...}'`.
for line in io.lines() do
  local a, b = line:match("^(.-)\t(.*)$")
  local one, two = rpm.ver(a), rpm.ver(b)
  if one < two then io.write("-1\n") elseif two < one then io.write("1\n") else io.write("0\n") end
  io.flush()
end
