from dyadic_service import main

main()
