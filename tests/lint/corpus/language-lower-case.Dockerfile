from debian
run sudo a
workdir app
cmd a
