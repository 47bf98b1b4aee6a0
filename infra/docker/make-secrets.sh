#!/bin/sh
# Makes the secrets of docker-compose.yml, each 256 random bits; those that exist stay.
# The folder is its owner's alone. The files in it are readable by all, because each is mounted into a container whose
# user has another number than you, and Compose cannot change the mode of a file it mounts.
set -eu
folder="${1:-$(dirname "$0")/../../var/docker/secrets}"
mkdir -p -m 0755 "$(dirname "$folder")"
mkdir -p -m 0700 "$folder"
chmod 0700 "$folder"
umask 022

make() {
  [ -s "$folder/$1.key" ] && return
  bits="$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
  printf '%s%s\n' "$2" "$bits" > "$folder/.$1.new"
  mv "$folder/.$1.new" "$folder/$1.key"
}

make internal ''
make engine ''
make vectordb ''
make api 'rw-'
echo "Secrets are in $folder; api.key is the key for clients."
