# usage: clean -- remove build/, and with it all that setup and build made in this directory
rm -rf "$AIGW_BUILD"
