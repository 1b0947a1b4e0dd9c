"""Code for FLG303 to FLG308, as real code is written: a line that ends in `#>` is where the rule has to fire.

`is_on` asks for a flag, `ask` is another function that does; `setting` reads one that never changes. The flags are
`a-b`, `c-d` and `kill`, which is a kill switch; `c-d` needs `needed`.
"""

from __future__ import annotations

IMPORT_TIME = {
    "a constant": """
        NEW = is_on("a-b")  #>
        """,
    "a condition": """
        if is_on("a-b"):  #>
            from shop import new as view
        else:
            from shop import old as view
        """,
    "a class body": """
        class Page:
            template = "new.html" if is_on("a-b") else "old.html"  #>
        """,
    "a default argument": """
        def page(is_new=is_on("a-b")):  #>
            return is_new
        """,
    "a default argument of a method": """
        class Page:
            def get(self, *, is_new=is_on("a-b")):  #>
                return is_new
        """,
    "the argument of a decorator": """
        @unittest.skipIf(is_on("a-b"), "old")  #>
        def page():
            pass
        """,
    "a list of urls": """
        urlpatterns = [path("cart", cart)]
        if is_on("a-b"):  #>
            urlpatterns += [path("checkout", checkout)]
        """,
    "a comprehension": """
        VIEWS = [view for view in ALL if is_on("a-b")]  #>
        """,
    "tried": """
        try:
            NEW = is_on("a-b")  #>
        except ImportError:
            NEW = False
        """,
    "a table": """
        HANDLERS = {"cart": new_cart if is_on("a-b") else old_cart}  #>
        """,
    "with a context": """
        with app.app_context():
            NEW = is_on("a-b")  #>
        """,
    "a walrus": """
        if (new := is_on("a-b")):  #>
            pass
        """,
    # --- and what it has to leave alone
    "a function": """
        def page():
            return is_on("a-b")
        """,
    "a method": """
        class Page:
            def get(self):
                return is_on("a-b")
        """,
    "a property": """
        class Page:
            @property
            def is_new(self):
                return is_on("a-b")
        """,
    "a lambda": """
        is_new = lambda: is_on("a-b")
        """,
    "a lambda as a default": """
        def page(is_new=lambda: is_on("a-b")):
            return is_new()
        """,
    "a table of lambdas": """
        CHECKS = {"new": lambda user: is_on("a-b", user), "old": lambda user: True}
        """,
    "a lazy object": """
        NEW = SimpleLazyObject(lambda: is_on("a-b"))
        """,
    "a function in a class in a function": """
        def make():
            class Page:
                is_new = is_on("a-b")
            return Page
        """,
    "a default of a function in a function": """
        def make():
            def page(is_new=is_on("a-b")):
                return is_new
            return page
        """,
    "the main guard": """
        if __name__ == "__main__":
            print(is_on("a-b"))
        """,
    "a script": """
        #!/usr/bin/env python
        print(is_on("a-b"))
        """,
    "an asynchronous function": """
        async def page():
            return await is_on("a-b")
        """,
    "a setting": """
        NEW = setting("a-b")
        """,
    "an environment variable": """
        NEW = os.environ.get("a-b")
        """,
    "the function is handed on": """
        register(partial(is_on, "a-b"), page)

        def later():
            return is_on("a-b")
        """,
    "a decorated view": """
        @app.route("/")
        @cache
        def page():
            return render("new.html" if is_on("a-b") else "old.html")
        """,
    "a nested function": """
        def outer():
            def inner():
                return is_on("a-b")
            return inner
        """,
    "a thread": """
        class Worker(Thread):
            interval = 3

            def run(self):
                while is_on("a-b"):
                    work()
        """,
    "a string": """
        KEY = "a-b"

        def page():
            return is_on(KEY)
        """,
    "only typing": """
        if TYPE_CHECKING:
            from flags import is_on

        def page():
            return is_on("a-b")
        """,
    "a model with a callable default": """
        class Order(Model):
            is_new = BooleanField(default=lambda: is_on("a-b"))
        """,
    "a scheduled task": """
        @shared_task
        def clean():
            if not is_on("a-b"):
                return
            work()
        """,
}

REPEATED = {
    "one after the other": """
        def page(user):
            a = is_on("a-b", user)
            b = is_on("a-b", user)  #>
            return a, b
        """,
    "two ifs": """
        def encode(video):
            if is_on("a-b"):
                encode_it(video)
            make_thumbnail(video)
            if is_on("a-b"):  #>
                move(video)
        """,
    "turned round": """
        def page(user):
            if is_on("a-b", user):
                new()
            if not is_on("a-b", user):  #>
                old()
        """,
    "in the branch": """
        def page(user):
            if is_on("a-b", user):
                return is_on("a-b", user)  #>
            return None
        """,
    "elif": """
        def page(user):
            if is_on("a-b", user) and user.is_new:
                return 1
            elif is_on("a-b", user):  #>
                return 2
            return 3
        """,
    "behind an exit": """
        def page(user):
            if not is_on("a-b", user):
                return "old"
            log("new", is_on("a-b", user))  #>
            return "new"
        """,
    "one expression": """
        def page(user):
            return (new if is_on("a-b", user) else old)(1 if is_on("a-b", user) else 2)  #>
        """,
    "other fallbacks": """
        def page(user):
            x = is_on("a-b", user, default=False)
            return x or is_on("a-b", user, default=True)  #>
        """,
    "key by a constant": """
        KEY = "a-b"

        def page(user):
            x = is_on(KEY, user)
            return x, is_on("a-b", user)  #>
        """,
    "in one turn of a loop": """
        def page(users):
            for user in users:
                if is_on("a-b", user):
                    new(user)
                if is_on("a-b", user):  #>
                    more(user)
        """,
    "with": """
        def page(user):
            with lock:
                x = is_on("a-b", user)
            return x, is_on("a-b", user)  #>
        """,
    "a method": """
        class Page:
            def get(self):
                if is_on("a-b", self.user):
                    self.new()
                return render("new" if is_on("a-b", self.user) else "old")  #>
        """,
    "asynchronous": """
        async def page(user):
            x = await is_on("a-b", user)
            return x, await is_on("a-b", user)  #>
        """,
    "after a try": """
        def page(user):
            try:
                x = is_on("a-b", user)
            finally:
                close()
            return is_on("a-b", user)  #>
        """,
    "three": """
        def page(user):
            is_on("a-b", user)
            is_on("a-b", user)  #>
            is_on("a-b", user)  #>
        """,
    # --- and what it has to leave alone
    "kept in a variable": """
        def page(user):
            is_new = is_on("a-b", user)
            a = 1 if is_new else 2
            return a, is_new
        """,
    "two branches": """
        def page(user):
            if user.is_staff:
                return is_on("a-b", user)
            else:
                return not is_on("a-b", user)
        """,
    "elif chain": """
        def page(kind, user):
            if kind == "cart":
                return is_on("a-b", user)
            elif kind == "checkout":
                return is_on("a-b", user)
        """,
    "behind a return": """
        def page(user):
            if user.is_staff:
                return is_on("a-b", user)
            return is_on("a-b", user)
        """,
    "behind a raise": """
        def page(user):
            if user is None:
                x = is_on("a-b", user)
                raise Forbidden(x)
            return is_on("a-b", user)
        """,
    "match": """
        def page(kind, user):
            match kind:
                case "cart":
                    return is_on("a-b", user)
                case _:
                    return is_on("a-b", user)
        """,
    "other users": """
        def page(sender, receiver):
            return is_on("a-b", sender) and is_on("a-b", receiver)
        """,
    "the user is another one": """
        def page(user):
            x = is_on("a-b", user)
            user = user.parent
            return x, is_on("a-b", user)
        """,
    "the context is changed": """
        def page(context):
            x = is_on("a-b", context)
            context["user"] = None
            return x, is_on("a-b", context)
        """,
    "an attribute is changed": """
        def page(request):
            x = is_on("a-b", request.user)
            request.user = login(request)
            return x, is_on("a-b", request.user)
        """,
    "other flags": """
        def page(user):
            return is_on("a-b", user) and is_on("c-d", user)
        """,
    "a function inside": """
        def page(user):
            def later():
                return is_on("a-b", user)
            return is_on("a-b", user), later
        """,
    "a lambda": """
        def page(user):
            x = is_on("a-b", user)
            return x, lambda: is_on("a-b", user)
        """,
    "two methods": """
        class Page:
            def get(self):
                return is_on("a-b")

            def post(self):
                return is_on("a-b")
        """,
    "exclusive conditions": """
        def page(user):
            if user.is_staff:
                x = is_on("a-b", user)
            if not user.is_staff:
                x = is_on("a-b", user)
            return x
        """,
    "other values of one thing": """
        def page(kind):
            if kind == "cart":
                x = is_on("a-b")
            if kind == "checkout":
                x = is_on("a-b")
            return x
        """,
    "retried": """
        def page(user):
            try:
                return is_on("a-b", user)
            except Timeout:
                return is_on("a-b", user)
        """,
    "waits for it": """
        def wait():
            while not is_on("a-b"):
                sleep(1)
        """,
    "before and after a wait": """
        def page():
            x = is_on("a-b")
            sleep(60)
            return x, is_on("a-b")
        """,
    "refreshed": """
        def page(client):
            x = is_on("a-b")
            client.refresh()
            return x, is_on("a-b")
        """,
    "another tenant each time": """
        def page():
            x = is_on("a-b", uuid4())
            return x, is_on("a-b", uuid4())
        """,
    "a setting": """
        def page():
            return setting("a-b"), setting("a-b")
        """,
    "other receivers": """
        def page(left, right):
            return left.is_on("a-b"), right.is_on("a-b")
        """,
    "the two sides of a ternary": """
        def page(user, x):
            return is_on("a-b", user) if x else not is_on("a-b", user)
        """,
}

IN_LOOP = {
    "for": """
        def total(items):
            for item in items:
                if is_on("a-b"):  #>
                    add(item)
        """,
    "with a user": """
        def total(user, items):
            for item in items:
                add(item, is_on("a-b", user))  #>
        """,
    "while": """
        def pages(page):
            while page:
                if is_on("a-b"):  #>
                    show(page)
                page = page.next
        """,
    "a comprehension": """
        def total(items):
            return [item for item in items if is_on("a-b")]  #>
        """,
    "the element": """
        def total(items):
            return {item: is_on("a-b") for item in items}  #>
        """,
    "a generator": """
        def total(items):
            return sum(new(item) if is_on("a-b") else old(item) for item in items)  #>
        """,
    "the inner loop": """
        def total(users):
            for user in users:
                for item in user.items:
                    if is_on("a-b", user):  #>
                        add(item)
        """,
    "under a condition": """
        def total(items):
            for item in items:
                if item.is_new:
                    if is_on("a-b"):  #>
                        add(item)
        """,
    "tried": """
        def total(items):
            for item in items:
                try:
                    add(item, is_on("a-b"))  #>
                except ValueError:
                    continue
        """,
    "a range": """
        def total():
            for number in range(9):
                add(number, is_on("a-b"))  #>
        """,
    "goes on": """
        def total(items):
            for item in items:
                if not is_on("a-b"):  #>
                    continue
                add(item)
        """,
    # --- and what it has to leave alone
    "before the loop": """
        def total(items):
            is_new = is_on("a-b")
            for item in items:
                add(item, is_new)
        """,
    "what is looped over": """
        def total(items):
            for item in (items if is_on("a-b") else ()):
                add(item)
        """,
    "the first iterable": """
        def total(items):
            return [item for item in (items if is_on("a-b") else ())]
        """,
    "each user": """
        def invite(users):
            for user in users:
                if is_on("a-b", user):
                    send(user)
        """,
    "each user's account": """
        def invite(users):
            return [user for user in users if is_on("a-b", user.account)]
        """,
    "what is made of the element": """
        def invite(users):
            for user in users:
                context = Context(user.id)
                send(user, is_on("a-b", context))
        """,
    "a context that is filled": """
        def invite(context, users):
            for user in users:
                context["user"] = user
                send(user, is_on("a-b", context))
        """,
    "unpacked": """
        def invite(pairs):
            for user, count in pairs:
                send(count, is_on("a-b", user))
        """,
    "for ever": """
        def work():
            while True:
                if is_on("a-b"):
                    do()
        """,
    "until it is switched": """
        def work():
            while is_on("a-b"):
                do()
        """,
    "until it is switched off, with more": """
        def work(queue):
            while queue and not is_on("a-b"):
                do(queue)
        """,
    "waits": """
        def work(job):
            while not job.done:
                if is_on("a-b"):
                    job.cancel()
                time.sleep(1)
        """,
    "leaves the loop": """
        def find(items):
            for item in items:
                if item.matches:
                    return item if is_on("a-b") else None
        """,
    "leaves the loop later": """
        def find(items):
            for item in items:
                if item.matches:
                    log(is_on("a-b"))
                    break
        """,
    "raises": """
        def find(items):
            for item in items:
                if item.is_bad:
                    raise Bad(is_on("a-b"))
        """,
    "a stream": """
        def work(consumer):
            for message in consumer:
                do(message, is_on("a-b"))
        """,
    "an asynchronous stream": """
        async def work(rows):
            async for row in rows:
                do(row, is_on("a-b"))
        """,
    "after the loop": """
        def total(items):
            for item in items:
                add(item)
            else:
                return is_on("a-b")
        """,
    "a function inside": """
        def make(items):
            for item in items:
                def later():
                    return is_on("a-b")
                register(item, later)
        """,
    "a lambda": """
        def make(items):
            for item in items:
                register(item, lambda: is_on("a-b"))
        """,
    "another one each time": """
        def draw(count):
            for _ in range(count):
                show(is_on("a-b", random()))
        """,
    "a setting": """
        def total(items):
            for item in items:
                if setting("a-b"):
                    add(item)
        """,
    "keys that are looped over": """
        def all_flags(user):
            return {key: is_on(key, user) for key in ("a-b", "c-d")}
        """,
}

NESTED = {
    "under it": """
        def page(user):
            if is_on("a-b", user):
                if is_on("kill", user):  #>
                    return 1
        """,
    "on the other side": """
        def page(user):
            if is_on("a-b", user):
                return 1
            else:
                start()
                return is_on("kill", user)  #>
        """,
    "behind an exit": """
        def page(user):
            if not is_on("a-b", user):
                return None
            return is_on("kill", user)  #>
        """,
    "with more conditions": """
        def page(user):
            if user.is_staff and is_on("a-b", user):
                return is_on("kill", user)  #>
        """,
    "a ternary": """
        def page(user):
            return (1 if is_on("kill", user) else 2) if is_on("a-b", user) else 3  #>
        """,
    "a variable": """
        def page(user):
            is_new = is_on("a-b", user)
            if is_new:
                return is_on("kill", user)  #>
        """,
    "a variable, turned": """
        def page(user):
            is_old = not is_on("a-b", user)
            if is_old:
                return 1
            return is_on("kill", user)  #>
        """,
    "a loop": """
        def page(user, items):
            if is_on("a-b", user):
                for item in items:
                    add(item, is_on("kill", item))  #>
        """,
    "a walrus": """
        def page(user):
            if (new := is_on("a-b", user)) and user.is_new:
                return is_on("kill", user)  #>
        """,
    "match": """
        def page(user):
            match is_on("a-b", user):
                case True:
                    return is_on("kill", user)  #>
        """,
    "compared": """
        def page(user):
            if is_on("a-b", user) is True:
                return is_on("kill", user)  #>
        """,
    "two outside": """
        def page(user):
            if is_on("a-b", user):
                if is_on("needed", user):  #>
                    return is_on("kill", user)  #>
        """,
    # --- and what it has to leave alone
    "one after the other": """
        def page(user):
            if is_on("a-b", user):
                first()
            if is_on("kill", user):
                second()
        """,
    "an elif": """
        def page(user):
            if is_on("a-b", user):
                return 1
            elif is_on("kill", user):
                return 2
            return 3
        """,
    "an else with an if": """
        def page(user):
            if is_on("a-b", user):
                return 1
            else:
                if is_on("kill", user):
                    return 2
        """,
    "alternatives behind returns": """
        def page(user):
            if is_on("a-b", user):
                return 1
            if is_on("kill", user):
                return 2
            return 3
        """,
    "or": """
        def page(user):
            return is_on("a-b", user) or is_on("kill", user)
        """,
    "and": """
        def page(user):
            return is_on("a-b", user) and is_on("kill", user)
        """,
    "all of three": """
        def page(user):
            if is_on("a-b", user) and is_on("kill", user) and is_on("needed", user):
                return 1
        """,
    "both are asked before": """
        def page(user):
            first, second = is_on("a-b", user), is_on("kill", user)
            if first:
                return 1 if second else 2
        """,
    "it needs the outer one": """
        def page(user):
            if is_on("needed", user):
                return is_on("c-d", user)
        """,
    "the outer one needs it": """
        def page(user):
            if is_on("c-d", user):
                return is_on("needed", user)
        """,
    "the same flag": """
        def page(user):
            if is_on("a-b", user):
                return is_on("a-b", user.parent)
        """,
    "a function inside": """
        def page(user):
            if is_on("a-b", user):
                def later():
                    return is_on("kill", user)
                return later
        """,
    "another function": """
        def page(user):
            if is_on("a-b", user):
                return helper(user)

        def helper(user):
            return 1 if is_on("kill", user) else 2
        """,
    "the variable is another one": """
        def page(user):
            is_new = is_on("a-b", user)
            is_new = user.is_new
            if is_new:
                return is_on("kill", user)
        """,
    "the variable may be another one": """
        def page(user):
            is_new = is_on("a-b", user)
            if user.is_staff:
                is_new = True
            if is_new:
                return is_on("kill", user)
        """,
    "another condition": """
        def page(user):
            if user.is_staff:
                return is_on("kill", user)
            return is_on("a-b", user)
        """,
    "behind both branches": """
        def page(user):
            if is_on("a-b", user):
                x = 1
            else:
                x = 2
            return x, is_on("kill", user)
        """,
    "a try": """
        def page(user):
            try:
                return is_on("a-b", user)
            except Timeout:
                return is_on("kill", user)
        """,
    "as arguments": """
        def page(user):
            return render(new=is_on("a-b", user), safe=is_on("kill", user))
        """,
    "either will do": """
        def page(user):
            if is_on("a-b", user) or user.is_staff:
                return is_on("kill", user)
        """,
}

DOES_NOT_KILL = {
    "the same call": """
        def pay(order):
            if is_on("kill"):  #>
                charge(order)
            else:
                charge(order)
                log.warning("off")
        """,
    "behind a return": """
        def pay(order):
            if is_on("kill"):  #>
                return charge(order)
            log.warning("off")
            return charge(order)
        """,
    "turned round": """
        def pay(order):
            if not is_on("kill"):  #>
                log.warning("off")
                charge(order)
            else:
                charge(order)
        """,
    "a variable": """
        def pay(order):
            is_live = is_on("kill")  #>
            if is_live:
                charge(order)
            else:
                log.warning("off")
                charge(order)
        """,
    "a ternary": """
        def pay(order):
            return charge(order) if is_on("kill") else (charge(order), "off")  #>
        """,
    "with more conditions": """
        def pay(order):
            if is_on("kill") and order.total:  #>
                charge(order)
            else:
                note("off")
                charge(order)
        """,
    "more than the live side": """
        def pay(order):
            if is_on("kill"):  #>
                self.charge(order)
            else:
                self.charge(order)
                self.apologise(order)
        """,
    "awaited": """
        async def pay(order):
            if await is_on("kill"):  #>
                await charge(order)
            else:
                await log.warning("off")
                await charge( order )
        """,
    "compared": """
        def pay(order):
            if is_on("kill") is False:  #>
                log.warning("off")
                charge(order)
            else:
                charge(order)
        """,
    "deeper": """
        def pay(order):
            if is_on("kill"):  #>
                charge(order)
            else:
                for each in order.parts:
                    charge(order)
        """,
    # --- and what it has to leave alone
    "queued": """
        def pay(order):
            if is_on("kill"):
                charge(order)
            else:
                enqueue(order)
        """,
    "nothing": """
        def pay(order):
            if is_on("kill"):
                charge(order)
        """,
    "an exit": """
        def pay(order):
            if not is_on("kill"):
                return None
            return charge(order)
        """,
    "raises": """
        def pay(order):
            if not is_on("kill"):
                raise Unavailable("payments")
            return charge(order)
        """,
    "shared answers": """
        def page(order):
            if is_on("kill"):
                return Response(search(order))
            return Response([])
        """,
    "shared rendering": """
        def page(request):
            if is_on("kill"):
                return render(request, "page.html", recommend(request))
            return render(request, "page.html", {})
        """,
    "shared logging": """
        def pay(order):
            if is_on("kill"):
                logger.info("pay")
                charge(order)
            else:
                logger.info("pay")
        """,
    "only logging on both sides": """
        def pay(order):
            if is_on("kill"):
                logger.info("on")
            else:
                logger.info("on")
                x = 1
        """,
    "shared checks": """
        def pay(order):
            if is_on("kill"):
                validate(order)
                charge(order)
            else:
                validate(order)
                enqueue(order)
        """,
    "shared look-ups": """
        def pay(pk):
            if is_on("kill"):
                order = get_order(pk)
                return charge(order)
            return get_order(pk)
        """,
    "only look-ups": """
        def page(self):
            if is_on("kill"):
                return self.get_queryset()
            else:
                return self.get_queryset().none()
        """,
    "another mode": """
        def find(query):
            if is_on("kill"):
                return search(query, engine="new")
            return search(query, engine="old")
        """,
    "dry": """
        def pay(order):
            if is_on("kill"):
                charge(order)
            else:
                charge(order, dry_run=True)
        """,
    "others": """
        def pay(order, other):
            if is_on("kill"):
                charge(order)
            else:
                charge(other)
        """,
    "no kill switch": """
        def pay(order):
            if is_on("a-b"):
                charge(order)
            else:
                log.warning("off")
                charge(order)
        """,
    "behind the branch": """
        def pay(order):
            if is_on("kill"):
                prepare(order)
            charge(order)
        """,
    "before the branch": """
        def pay(order):
            charge(order)
            if is_on("kill"):
                notify(order)
            else:
                log.warning("off")
        """,
    "later": """
        def pay(order):
            if is_on("kill"):
                charge(order)
            else:
                retry(lambda: charge(order))
        """,
    "not sure to be off": """
        def pay(order, force):
            if is_on("kill") or force:
                charge(order)
            else:
                charge(order)
                x = 1
        """,
    "built-in functions": """
        def pay(order):
            if is_on("kill"):
                return str(len(order))
            else:
                x = str(len(order))
                return x
        """,
    "exceptions": """
        def pay(order):
            if is_on("kill"):
                raise Failed(order)
            else:
                x = Failed(order)
                return x
        """,
    "other flags in between": """
        def pay(order):
            if is_on("a-b"):
                charge(order)
            elif is_on("kill"):
                enqueue(order)
            else:
                charge(order)
        """,
}

SAME = {
    "both sides": """
        def page():
            if is_on("a-b"):  #>
                return render("x")
            else:
                return render("x")
        """,
    "behind a return": """
        def page():
            if is_on("a-b"):  #>
                return 1
            return 1
        """,
    "turned round": """
        def page():
            if not is_on("a-b"):  #>
                x = 1
            else:
                x = 1
            return x
        """,
    "a ternary": """
        def page():
            return 1 if is_on("a-b") else 1  #>
        """,
    "comments": """
        def page():
            if is_on("a-b"):  #>
                # the new way
                return f(1, 2)
            else:
                return f(1,
                         2)  # the old way
        """,
    "a variable": """
        def page():
            is_new = is_on("a-b")  #>
            if is_new:
                x = 1
            else:
                x = 1
            return x
        """,
    "nothing": """
        def page():
            if is_on("a-b"):  #>
                pass
        """,
    "nothing on both sides": """
        def page():
            if is_on("a-b"):  #>
                pass
            else:
                ...
        """,
    "with more conditions": """
        def page(user):
            if is_on("a-b") and user.is_staff:  #>
                return 1
            else:
                return 1
        """,
    "quotes": """
        def page():
            return "x" if is_on("a-b") else "x"  #>
        """,
    "a raise": """
        def page():
            if not is_on("a-b"):  #>
                raise Http404
            raise Http404
        """,
    # --- and what it has to leave alone
    "other texts": """
        def page():
            return "new.html" if is_on("a-b") else "old.html"
        """,
    "other numbers": """
        def page():
            if is_on("a-b"):
                return 1
            return 2
        """,
    "one more statement": """
        def page():
            if is_on("a-b"):
                notify()
                return render("x")
            return render("x")
        """,
    "no else": """
        def page():
            if is_on("a-b"):
                notify()
        """,
    "nothing but an else": """
        def page():
            if is_on("a-b"):
                pass
            else:
                notify()
        """,
    "other names": """
        def page(new, old):
            return new if is_on("a-b") else old
        """,
    "other arguments": """
        def page():
            if is_on("a-b"):
                return render("x", new=True)
            else:
                return render("x", new=False)
        """,
    "another order": """
        def page():
            if is_on("a-b"):
                first()
                second()
            else:
                second()
                first()
        """,
    "only in spaces of a text": """
        def page():
            return "a b" if is_on("a-b") else "ab"
        """,
    "only in a log": """
        def page():
            if is_on("a-b"):
                log("new")
                return 1
            log("old")
            return 1
        """,
    "the end of a loop": """
        def page(items):
            for item in items:
                if is_on("a-b", item):
                    continue
                add(item)
        """,
    "a chain": """
        def page(user):
            if is_on("a-b"):
                return 1
            elif user.is_staff:
                return 2
            else:
                return 1
        """,
    "no flag in it": """
        def page(user):
            x = is_on("a-b")
            if user.is_staff:
                return 1
            return 1
        """,
    "the value itself": """
        def page():
            return True if is_on("a-b") else False
        """,
    "turned": """
        def page(x):
            if is_on("a-b"):
                return x
            return not x
        """,
    "falls through": """
        def page():
            if is_on("a-b"):
                x = 1
            x = 1
            return x
        """,
    "returns nothing": """
        def page():
            if not is_on("a-b"):
                return
            work()
        """,
    "another await": """
        async def page():
            if is_on("a-b"):
                return await f()
            return f()
        """,
    "an argument of a call": """
        def page():
            if ready(is_on("a-b")):
                return 1
            return 1
        """,
}

CASES = {
    "FLG303": IMPORT_TIME,
    "FLG304": REPEATED,
    "FLG305": IN_LOOP,
    "FLG306": NESTED,
    "FLG307": DOES_NOT_KILL,
    "FLG308": SAME,
}
