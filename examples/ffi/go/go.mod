module set_status

go 1.19
