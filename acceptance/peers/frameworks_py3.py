# Copyright the carryall authors.  See LICENSE.
"""Small applications of Flask, Django (its admin) and Starlette: `flask_app`, `django_app`,
`starlette_app`; each function makes one.

    frameworks_py3.py migrate       makes the database of the admin, and its user
"""
import os
import sys

USER = 'admin'
PASSWORD = 'long-and-secret'


def flask_app():
    """A login in a session, and a page in pieces."""
    import flask

    app = flask.Flask('sample')
    app.secret_key = 'secret'

    @app.post('/login')
    def login():
        flask.session['name'] = flask.request.form['name']
        return flask.redirect('/')

    @app.get('/')
    def root():
        return 'hello %s' % flask.session.get('name', 'stranger')

    @app.post('/upload')
    def upload():
        return '%d' % len(flask.request.files['file'].read())

    @app.get('/pieces')
    def pieces():
        return flask.Response(iter(['a', 'b', 'c']))

    return app


def django_settings():
    """A project of one file: the admin and what it needs."""
    from django.conf import settings
    if settings.configured:
        return
    settings.configure(
        SECRET_KEY='secret', ALLOWED_HOSTS=['127.0.0.1'], ROOT_URLCONF='frameworks_py3',
        DEBUG=False, USE_TZ=True, STATIC_URL='/static/',
        DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'admin.sqlite'}},
        INSTALLED_APPS=['django.contrib.admin', 'django.contrib.auth',
                        'django.contrib.contenttypes', 'django.contrib.sessions',
                        'django.contrib.messages'],
        MIDDLEWARE=['django.contrib.sessions.middleware.SessionMiddleware',
                    'django.middleware.csrf.CsrfViewMiddleware',
                    'django.contrib.auth.middleware.AuthenticationMiddleware',
                    'django.contrib.messages.middleware.MessageMiddleware'],
        TEMPLATES=[{'BACKEND': 'django.template.backends.django.DjangoTemplates',
                    'APP_DIRS': True, 'OPTIONS': {'context_processors': [
                        'django.template.context_processors.request',
                        'django.contrib.auth.context_processors.auth',
                        'django.contrib.messages.context_processors.messages']}}])
    import django
    django.setup()


def django_app():
    """The admin."""
    django_settings()
    from django.contrib import admin
    from django.core.wsgi import get_wsgi_application
    from django.urls import path
    globals()['urlpatterns'] = [path('admin/', admin.site.urls)]
    return get_wsgi_application()


def migrate():
    """Makes the tables, and the user."""
    django_settings()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    call_command('migrate', verbosity=0)
    User.objects.create_superuser(USER, 'admin@example', PASSWORD)


def starlette_app():
    """A page, and a WebSocket that answers in capitals."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route, WebSocketRoute

    async def root(request):
        return JSONResponse({'path': request.url.path, 'body': len(await request.body())})

    async def pieces(request):
        async def made():
            for letter in (b'a', b'b', b'c'):
                yield letter
        return StreamingResponse(made())

    async def shout(websocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text.upper())

    return Starlette(routes=[Route('/', root, methods=['GET', 'POST']), Route('/pieces', pieces),
                             WebSocketRoute('/shout', shout)])


if __name__ == '__main__':
    {'migrate': migrate}[sys.argv[1]]()
    print('made', os.path.abspath('admin.sqlite'))
